//! `tram init`: this folder becomes a device.

use serde_json::json;

use crate::{
    answer::Answer,
    failure::Failure,
    shell::{Made, Shell},
};

/// What is given.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The server's address.
    #[arg(long, value_name = "URL")]
    server: String,
}

/// Makes the device; doing it again with the same server changes nothing.
pub fn run(shell: &Shell, args: &Args) -> Result<Answer, Failure> {
    let (device, made) = shell.make_device(&args.server)?;
    let identity = device.identity();
    let value = json!({
        "device": identity.device,
        "key": identity.key,
        "short": identity.short,
        "server": identity.server_url,
        "created": made == Made::Now,
    });
    shell.answer(&value, |page| {
        let key = match made {
            Made::Now => "init.made",
            Made::Before => "init.made_before",
        };
        page.plain(page.language().fill(key, &[("short", &identity.short), ("server", &identity.server_url)]));
        if made == Made::Now {
            page.line("init.next");
        }
    })
}
