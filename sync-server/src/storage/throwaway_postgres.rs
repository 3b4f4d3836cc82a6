//! A PostgreSQL for tests: made in a second, gone with the process that asked for it.
//!
//! The server listens on a socket in a directory of its own, on no port. It does not flush to disk: what is tested is
//! the program, not the machine. A shell keeps it: when the pipe to that shell closes, because the test ended, was killed
//! or crashed, the shell stops the server and removes the directory.
//!
//! `TRAM_TEST_POSTGRES_URL` names a server to use instead; fresh databases are made there and left for its owner to look
//! at. Without either there is no silence: [`ThrowawayFault::NotInstalled`] says what to install.

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::PathBuf,
    process::{Child, ChildStdin, Command, Stdio},
    str::FromStr,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, postgres::PgConnectOptions};

/// The environment variable with the address of a server to use instead of a throwaway one.
pub const URL_VARIABLE: &str = "TRAM_TEST_POSTGRES_URL";

/// Where Debian and its kin put each version's programs.
const DEBIAN_VERSIONS: &str = "/usr/lib/postgresql";

/// Starts the server, tells the directory, waits until its input closes, clears up.
const KEEPER: &str = r#"
bin=$1
dir=$(mktemp -d "${TMPDIR:-/tmp}/tram-pg.XXXXXX") || exit 1
clear_up() {
    "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1
    rm -rf "$dir"
}
trap clear_up EXIT
trap 'exit 1' HUP INT TERM
{
    "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync &&
    "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/log" -o "-c listen_addresses='' -c unix_socket_directories='$dir' \
        -c fsync=off -c full_page_writes=off -c max_connections=300" start
} >"$dir/setup" 2>&1 || { echo failed; cat "$dir/setup" "$dir/log" 2>/dev/null; exit 1; }
echo "$dir"
cat >/dev/null
"#;

/// Why there is no PostgreSQL to test with.
#[derive(Debug, thiserror::Error)]
pub enum ThrowawayFault {
    /// Nothing to start.
    #[error(
        "no PostgreSQL found under {DEBIAN_VERSIONS}/*/bin or in PATH: install it (Debian: apt-get install postgresql), \
         or name a server in {URL_VARIABLE}"
    )]
    NotInstalled,
    /// A program could not be started.
    #[error("PostgreSQL could not be started")]
    Io(#[from] std::io::Error),
    /// The server did not come up; its own words follow.
    #[error("PostgreSQL did not come up: {0}")]
    NotUp(String),
    /// The server refused to make a database.
    #[error("PostgreSQL made no database")]
    NoDatabase(#[from] sqlx::Error),
}

/// A server, stopped when dropped (or when the process ends) if it was started here.
#[derive(Debug)]
pub struct ThrowawayPostgres {
    url: String,
    keeper: Option<Keeper>,
}

#[derive(Debug)]
struct Keeper {
    shell: Child,
    /// Open as long as the server is wanted.
    wanted: Option<ChildStdin>,
    /// Where its socket is.
    directory: String,
}

impl Keeper {
    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@localhost/{database}?host={}", self.directory)
    }
}

impl ThrowawayPostgres {
    /// Starts one, which takes about a second; blocks meanwhile.
    pub fn start() -> Result<Self, ThrowawayFault> {
        if let Ok(url) = std::env::var(URL_VARIABLE) {
            return Ok(Self { url, keeper: None });
        }
        let programs = programs().ok_or(ThrowawayFault::NotInstalled)?;
        // PostgreSQL refuses to run as root; its package made a user for it.
        let mut command = if is_root()? {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--", "sh"]);
            command
        } else {
            Command::new("sh")
        };
        command.args(["-c", KEEPER, "sh"]).arg(programs).current_dir("/");
        let mut shell = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn()?;
        let wanted = shell.stdin.take();
        let mut words = BufReader::new(shell.stdout.take().ok_or_else(|| std::io::Error::other("no pipe"))?);
        let mut directory = String::new();
        words.read_line(&mut directory)?;
        let keeper = Keeper { shell, wanted, directory: directory.trim_end().to_owned() };
        if !keeper.directory.starts_with('/') {
            let mut trouble = String::new();
            words.read_to_string(&mut trouble)?;
            return Err(ThrowawayFault::NotUp(trouble));
        }
        Ok(Self { url: keeper.url("postgres"), keeper: Some(keeper) })
    }

    /// The one server that all tests of this process share; started at the first call. Says on standard error which
    /// server it is, also when the test runner shows only what fails.
    pub fn shared() -> Result<&'static Self, &'static ThrowawayFault> {
        static SHARED: OnceLock<Result<ThrowawayPostgres, ThrowawayFault>> = OnceLock::new();
        let made = SHARED.get_or_init(|| {
            let made = Self::start();
            if let Ok(server) = &made {
                let whose = if server.keeper.is_some() { "throwaway server" } else { URL_VARIABLE };
                // If standard error is closed, nobody is there to be told.
                let _ = writeln!(std::io::stderr().lock(), "PostgreSQL is under test ({whose})");
            }
            made
        });
        made.as_ref()
    }

    /// The address of the server's maintenance database.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Makes an empty database; answers its address, fit for [`super::PostgresStorage::connect`] and `--database-url`.
    pub async fn fresh_database(&self) -> Result<String, ThrowawayFault> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
        let name = format!("tram_test_{}_{}_{nanos}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let options = PgConnectOptions::from_str(&self.url)?;
        let mut connection = options.connect().await?;
        // The name is made of letters and digits, above.
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE template0")))
            .execute(&mut connection)
            .await?;
        connection.close().await?;
        Ok(match &self.keeper {
            Some(keeper) => keeper.url(&name),
            None => options.database(&name).to_url_lossy().to_string(),
        })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.wanted.take());
        // The server goes either way; there is nobody to tell if the shell was gone already.
        let _ = self.shell.wait();
    }
}

/// The directory with the programs of the newest version.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir(DEBIAN_VERSIONS).into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin"))))
        .filter(|(_, programs)| programs.join("initdb").exists())
        .max()
        .map(|(_, programs)| programs);
    newest.or_else(|| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|programs| programs.join("initdb").exists())
    })
}

fn is_root() -> Result<bool, std::io::Error> {
    Ok(Command::new("id").arg("-u").output()?.stdout.trim_ascii() == b"0")
}
