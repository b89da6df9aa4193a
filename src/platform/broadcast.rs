//! Words between the tabs of this app.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, MessageEvent};

use super::{Exception, Listener};

/// A channel by name; closed when it is dropped. A tab does not hear itself.
#[derive(Debug)]
pub struct Channel {
    channel: BroadcastChannel,
}

impl Channel {
    /// Joins.
    ///
    /// # Errors
    /// When the browser has no channels.
    pub fn join(name: &str) -> Result<Self, Exception> {
        Ok(Self { channel: BroadcastChannel::new(name)? })
    }

    /// Tells the other tabs. Nobody listening is no error.
    ///
    /// # Errors
    /// When the channel is closed.
    pub fn post(&self, text: &str) -> Result<(), Exception> {
        Ok(self.channel.post_message(&JsValue::from_str(text))?)
    }

    /// Hears what the other tabs tell, until the listener is dropped.
    pub fn subscribe(&self, heard: impl Fn(String) + 'static) -> Listener {
        Listener::new(&self.channel, "message", move |event| {
            let text = event.dyn_into::<MessageEvent>().ok().and_then(|message| message.data().as_string());
            if let Some(text) = text {
                heard(text);
            }
        })
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.channel.close();
    }
}
