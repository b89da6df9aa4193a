//! Webhooks of the real command: settings, waking up, going down, numbers, and nothing secret anywhere.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use greenshield_domain::wire::AccessKeyResponse;
use greenshield_server::clock::{Clock as _, SystemClock};
use greenshield_testkit::build::{LogBuilder, Report, incident};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::hook::{Does, Got, Hook, SECRET, written};
use super::running::{Machine, code_of, enrol, http, push};

/// The address that links begin with, whichever port a server listens on.
const URL: &str = "http://gs.example";

/// A server with a receiver, and somebody who reports.
struct World {
    machine: Machine,
    runtime: Runtime,
    hook: Hook,
    key: AccessKeyResponse,
    log: LogBuilder,
    config: String,
}

struct Serving {
    child: Child,
    address: String,
    metrics: String,
}

impl World {
    fn new() -> Self {
        let (machine, runtime) = (Machine::new(), Runtime::new().unwrap());
        let hook = runtime.block_on(Hook::start());
        let server = machine.serve(&[], 1);
        let (log, _) = enrol(&server.address, &code_of(&machine.invite("auxiliary")), 1);
        let authorization = log.key.authorization("POST", "/v1/access-keys", SystemClock.now_millis());
        let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
        let asked = json!({ "name": "hook", "days": 1 }).to_string();
        let (_, reply) = http(&server.address, "POST", "/v1/access-keys", &headers, asked.as_bytes()).unwrap();
        let key: AccessKeyResponse = serde_json::from_slice(&reply).unwrap();
        server.terminate();
        let config = machine.dir.path().join("g.toml").display().to_string();
        std::fs::write(&config, hook.table("gis", key.id, "[\"incident\"]")).unwrap();
        Self { machine, runtime, hook, key, log, config }
    }

    fn log_file(&self) -> std::path::PathBuf {
        self.machine.dir.path().join("log.txt")
    }

    fn serve(&self) -> Serving {
        let words = ["serve", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0", "--config", &self.config];
        let more = ["--url", URL, "--log", "trace,hyper=off,sqlx=debug"];
        let mut command = self.machine.command(&[&words[..], &more].concat());
        let log = File::options().create(true).append(true).open(self.log_file()).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let facts: Vec<Value> = lines.take(2).map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
        let address = |key: &str| facts.iter().find_map(|fact| fact[key].as_str()).unwrap().to_owned();
        let plain = |url: String| url.trim_start_matches("http://").trim_end_matches("/metrics").to_owned();
        Serving { child, address: plain(address("listening")), metrics: plain(address("metrics")) }
    }

    fn report(&mut self, serving: &Serving) {
        let (_, op) = incident(&mut self.log, &Report::default());
        push(&serving.address, &[op]).unwrap();
    }

    fn next(&mut self) -> Got {
        self.runtime.block_on(self.hook.next())
    }

    /// What a command about webhooks prints, and whether it ended well.
    fn ask(&self, words: &[&str]) -> (String, bool) {
        let words = [&["webhooks"], words, &["--config", &self.config]].concat();
        let output = self.machine.command(&words).output().unwrap();
        let told = [output.stdout, output.stderr].concat();
        (String::from_utf8(told).unwrap(), output.status.success())
    }

    fn list(&self) -> Value {
        serde_json::from_str(self.ask(&[]).0.lines().next().unwrap()).unwrap()
    }
}

impl Serving {
    fn scrape(&self) -> String {
        let (status, page) = http(&self.metrics, "GET", "/metrics", &[], b"").unwrap();
        assert_eq!(status, 200);
        String::from_utf8(page).unwrap()
    }

    fn terminate(mut self) {
        let pid = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success(), "SIGTERM is a clean end");
    }
}

#[test]
fn a_running_server_tells_at_once_goes_on_after_a_kill_and_shows_no_secret() {
    let mut world = World::new();
    let serving = world.serve();
    world.report(&serving);
    let first = world.next();
    assert!(first.is_signed_by(&SECRET));
    let item = first.json()["data"]["item"].as_str().unwrap().to_owned();
    let path = item.strip_prefix(URL).unwrap();
    assert!(path.starts_with("/ogc/collections/incident/items/"), "{item}");
    let bearer = format!("Bearer {}", world.key.secret);
    assert_eq!(http(&serving.address, "GET", path, &[("authorization", &bearer)], b"").unwrap().0, 200);

    // Killed while a delivery is on its way, and that is delivered again under the same id.
    world.hook.will(&[Does::Hangs]);
    world.report(&serving);
    let cut = world.next();
    let mut killed = serving;
    killed.child.kill().unwrap();
    killed.child.wait().unwrap();
    let serving = world.serve();
    let again = std::iter::from_fn(|| Some(world.next())).find(|got| got.id() != first.id()).unwrap();
    assert_eq!((again.id(), again.body), (cut.id(), cut.body));
    assert!(again.headers.get("webhook-signature").is_some());

    // A receiver that hangs does not hold up the end.
    world.hook.will(&[Does::Hangs]);
    world.report(&serving);
    world.next();
    let page = serving.scrape();
    for name in ["behind_ops", "failures_in_a_row", "delivered_time_seconds", "paused"] {
        assert!(page.contains(&format!("greenshield_webhook_{name}{{receiver=\"gis\"}} ")), "{name} in {page}");
    }
    assert!(page.contains("greenshield_webhook_behind_ops{receiver=\"gis\"} 1\n"), "{page}");
    serving.terminate();
    let fact = world.list();
    assert_eq!((&fact["webhook"], &fact["behind"], &fact["failures"]), (&json!("gis"), &json!(1), &json!(0)));
    assert_eq!(fact["to"], json!(format!("http://{}", world.hook.address)));

    let (told, is_there) = world.ask(&["test", "gis"]);
    assert!(is_there && told.contains("\"answer\":\"status 204\""), "{told}");
    let ping = std::iter::from_fn(|| Some(world.next())).find(|got| got.id().starts_with("msg_ping_")).unwrap();
    assert!(ping.is_signed_by(&SECRET));
    let (unknown, is_there) = world.ask(&["test", "nobody"]);
    assert!(!is_there && unknown.contains("there are: gis"), "{unknown}");
    let (keys, _) = world.ask(&["keys"]);
    assert!(keys.contains(&world.key.id.to_hex()), "{keys}");
    assert!(world.ask(&["resume", "gis"]).1);

    let config = world.machine.command(&["config", "--config", &world.config]).output().unwrap();
    let help = world.machine.command(&["webhooks", "--help"]).output().unwrap();
    let texts = [
        std::fs::read_to_string(world.log_file()).unwrap(),
        page,
        fact.to_string(),
        keys,
        told,
        String::from_utf8(config.stdout).unwrap(),
        String::from_utf8(help.stdout).unwrap(),
    ];
    assert!(texts[5].contains("# webhook gis to http://127.0.0.1:"), "{}", texts[5]);
    let bare = written(&SECRET).trim_start_matches("whsec_").to_owned();
    for secret in [bare.as_str(), "of-theirs", &world.key.secret, again.headers["webhook-signature"].to_str().unwrap()]
    {
        for text in &texts {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

#[test]
fn a_receiver_that_is_written_down_wrong_keeps_the_server_from_starting_and_says_where() {
    let world = World::new();
    let good = std::fs::read_to_string(&world.config).unwrap();
    let serve = |file: &str| {
        std::fs::write(&world.config, file).unwrap();
        let words = ["serve", "--listen", "127.0.0.1:0", "--config", &world.config];
        let output = world.machine.command(&words).output().unwrap();
        assert!(!output.status.success() && output.stdout.is_empty(), "{file}");
        String::from_utf8(output.stderr).unwrap()
    };
    let open = serve(&good.replace("http://127.0.0.1", "http://gis.example.org"));
    assert!(open.contains("g.toml, line 3: `url` of a webhook must be an https address"), "{open}");
    let kind = serve(&good.replace("incident", "unicorn"));
    assert!(kind.contains("\"unicorn\", which this city does not have; it has incident, patrol"), "{kind}");
    let secret = format!("secret = \"{}\"", written(&SECRET));
    let missing = serve(&good.replace(&secret, "secret_file = \"/nowhere/gis.secret\""));
    assert!(missing.contains("/nowhere/gis.secret"), "{missing}");
    let secure = good.replace("http://", "https://");
    let nowhere = serve(&format!("{secure}ca_file = \"/nowhere/ca.pem\"\n"));
    assert!(nowhere.contains("/nowhere/ca.pem") && nowhere.contains("can not be read"), "{nowhere}");
    let strange = world.machine.dir.path().join("strange.pem");
    std::fs::write(&strange, "no certificate").unwrap();
    let strange = serve(&format!("{secure}ca_file = \"{}\"\n", strange.display()));
    assert!(strange.contains("must hold certificates of authorities as PEM"), "{strange}");
}
