//! Where a webhook goes: an address that whoever runs the server wrote into the settings file, and nobody else.
//!
//! Refuses: addresses in the open, but on this machine or where that is allowed, and such with a password in them. Invariant: only the
//! origin of an address is ever shown: what stands behind it may be a secret of the receiver.

use std::net::IpAddr;

use reqwest::Url;

/// Reads an address.
///
/// # Errors
/// What an address must be, as the end of a sentence.
pub fn read(text: &str, allow_http: bool) -> Result<Url, &'static str> {
    let url = Url::parse(text).ok().filter(Url::has_host);
    let url = url.ok_or("an address like https://gis.example.org/greenshield")?;
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err("an address without user, password and fragment");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if allow_http || is_here(&url) => Ok(url),
        _ => Err("an https address; http is for receivers on this machine, and where `allow_http = true` is said"),
    }
}

/// What may be shown of an address: `https://gis.example.org`.
#[must_use]
pub fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn is_here(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let plain = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || plain.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_the_open_a_webhook_goes_to_this_machine_only() {
        for good in ["https://gis.example.org/a?b=c", "http://127.0.0.1:8000/", "http://[::1]/x", "http://localhost/x"]
        {
            assert!(read(good, false).is_ok(), "{good}");
        }
        for bad in [
            "http://gis.example.org/",
            "http://10.0.0.1/",
            "http://127.0.0.1.example.org/",
            "http://localhost.example.org/",
            "http://[::ffff:10.0.0.1]/",
            "https://user@gis.example.org/",
            "https://user:word@gis.example.org/",
            "https://gis.example.org/#x",
            "ftp://gis.example.org/",
            "file:///etc/passwd",
            "unix:/run/x",
            "gis.example.org",
            "",
        ] {
            assert!(read(bad, false).is_err(), "{bad}");
        }
        assert!(read("http://gis.example.org/", true).is_ok());
        assert!(read("ftp://gis.example.org/", true).is_err());
        assert_eq!(
            origin(&read("https://gis.example.org/token-of-theirs?x=1", false).unwrap()),
            "https://gis.example.org"
        );
    }
}
