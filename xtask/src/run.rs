//! `cargo xtask run`: the main job, ready to be tried.

mod apps;
mod story;

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use clap::Args;
use signal_hook::{consts::TERM_SIGNALS, iterator::Signals};

use crate::{
    machine,
    programs::{build, program, read, root, run as run_program},
    say, web,
};

/// The unit of the demo branch: phường Thủ Dầu Một.
const UNIT: &str = "25747";
/// Everything the demo makes lies here; git ignores it.
const DEMO: &str = "demo";
/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Who plays the story in the terminal: role and name.
const PLAYERS: [(&str, &str); 3] =
    [("citizen", "Người dân khu phố 5"), ("postal", "Bưu tá tuyến 3"), ("officer", "Cán bộ một cửa")];

/// How to run.
#[derive(Debug, Args)]
pub struct Options {
    /// Starts over: removes what earlier runs left.
    #[arg(long)]
    fresh: bool,
    /// Where the server listens.
    #[arg(long, default_value = "127.0.0.1:8710")]
    listen: String,
}

enum News {
    Address(String),
    ServerEnded,
    Stop,
}

/// Runs until Ctrl-C.
pub fn run(options: &Options) -> Result<(), String> {
    if !machine::c_compiler() {
        machine::install("gcc")?;
    }
    say::line("building (the first time takes some minutes)");
    // The server takes the apps in, so they come first.
    web::build()?;
    let binaries = build()?;
    let demo = root().join(DEMO);
    if options.fresh && demo.exists() {
        std::fs::remove_dir_all(&demo).map_err(|error| format!("{DEMO} cannot be removed: {error}"))?;
    }
    std::fs::create_dir_all(&demo).map_err(|error| format!("{DEMO} cannot be made: {error}"))?;
    let server_program = binaries.join("tram-server");
    let (mut server, news) = start(&server_program, &options.listen)?;
    let told = tell(&server_program, &binaries, &news);
    if let Ok(()) = told {
        // Whatever comes next, a signal or the server's end, the run is over.
        while matches!(news.recv(), Ok(News::Address(_))) {}
    }
    stop(&mut server)?;
    told
}

/// Waits for the address, makes the invitations, prints everything.
fn tell(server: &Path, binaries: &Path, news: &Receiver<News>) -> Result<(), String> {
    let address = match news.recv_timeout(PATIENCE) {
        Ok(News::Address(address)) => address,
        Ok(News::Stop) => return Ok(()),
        Ok(News::ServerEnded) | Err(_) => return Err("the server did not start; its reason is above".to_owned()),
    };
    let mut invitations = Vec::new();
    for (role, name) in PLAYERS {
        invitations.push(invite(server, role, name)?);
    }
    say::line(&format!("\nThe Centre answers at {address}"));
    say::line(&format!("Its data lies in {DEMO}/centre."));
    apps::tell(&address, |role, name| invite(server, role, name))?;
    let seats = story::Seats { citizen: &invitations[0], postal: &invitations[1], officer: &invitations[2] };
    let id = story::new_id()?;
    story::lay_photos(&id).map_err(|error| format!("the photos cannot be laid ready: {error}"))?;
    let lines = story::lines(&shown(&binaries.join("tram")), &address, &seats, &id);
    say::line("\nThe same in a terminal: door to door, in three lines to paste into another one in this directory:\n");
    for (number, (what, line)) in lines.iter().enumerate() {
        say::line(&format!("# {}. {what}\n{line}\n", number + 1));
    }
    say::line("Ctrl-C stops the Centre; nothing is lost. `cargo xtask run --fresh` starts over.");
    Ok(())
}

/// Starts the server and listens for what happens next.
fn start(server: &Path, listen: &str) -> Result<(Child, Receiver<News>), String> {
    use std::os::unix::process::CommandExt;
    let mut signals = Signals::new(TERM_SIGNALS).map_err(|error| error.to_string())?;
    let mut command = Command::new(server);
    command.args(["serve", "--data", &format!("{DEMO}/centre"), "--listen", listen]);
    // In a group of its own, Ctrl-C reaches only this program, which then stops the server in order.
    command.current_dir(root()).stdin(Stdio::null()).stdout(Stdio::piped()).process_group(0);
    let mut child = command.spawn().map_err(|error| format!("the server does not start: {error}"))?;
    let output = child.stdout.take().ok_or("the server's output cannot be read")?;
    let (sender, news) = channel();
    let of_signals = sender.clone();
    std::thread::spawn(move || {
        for _ in signals.forever() {
            let _ = of_signals.send(News::Stop);
        }
    });
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Some(address) = line.split_whitespace().find(|word| word.starts_with("http://")) {
                let _ = sender.send(News::Address(address.trim_end_matches(['.', ',']).to_owned()));
            }
        }
        let _ = sender.send(News::ServerEnded);
    });
    Ok((child, news))
}

/// Asks the server to finish what it is doing, and waits.
fn stop(server: &mut Child) -> Result<(), String> {
    let ended = |server: &mut Child| server.try_wait().map_err(|error| error.to_string());
    if ended(server)?.is_none() {
        say::line("\nstopping");
        run_program(program("kill", &["-TERM", &server.id().to_string()]))?;
    }
    let status = server.wait().map_err(|error| error.to_string())?;
    if status.success() { Ok(()) } else { Err(format!("the server ended with {status}")) }
}

fn invite(server: &Path, role: &str, name: &str) -> Result<String, String> {
    let server = server.display().to_string();
    let centre = format!("{DEMO}/centre");
    let arguments = ["admin", "invite", "--data", &centre, "--role", role, "--unit", UNIT, "--name", name];
    let text = read(program(&server, &arguments))?;
    text.split_whitespace().last().map(str::to_owned).ok_or_else(|| "no invitation was printed".to_owned())
}

/// A program's path as it is typed in the project's directory.
fn shown(path: &Path) -> String {
    let short: PathBuf = path.strip_prefix(root()).unwrap_or(path).to_owned();
    short.display().to_string()
}
