//! `tram event`: an act on a dossier, signed by this device.

mod request;

use clap::Subcommand;

use crate::{answer::Answer, failure::Failure, shell::Shell};

/// What is given.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The dossier.
    #[arg(value_name = "DOSSIER")]
    dossier: String,
    /// What is done.
    #[command(subcommand)]
    act: Act,
}

/// A text that may stand right after the act's name or behind its option.
#[derive(Debug, clap::Args)]
struct Reason {
    /// In place.
    #[arg(value_name = "TEXT", conflicts_with = "reason")]
    words: Option<String>,
    /// As an option.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// The acts. Which of them are lawful, and which need a reason, the rules say.
#[derive(Debug, Subcommand)]
enum Act {
    /// Form 01.
    Accept {
        /// The case.
        #[arg(long, value_name = "CASE")]
        case: Option<String>,
    },
    /// Form 03.
    Refuse(Reason),
    /// Form 02.
    Ask {
        /// What for.
        #[command(flatten)]
        reason: Reason,
        /// What is missing.
        #[arg(long, value_delimiter = ',', value_name = "ITEM,…")]
        items: Vec<String>,
    },
    /// What was asked for is there.
    Supplement,
    /// To the specialists.
    Route {
        /// Of which unit.
        #[arg(long, value_name = "CODE")]
        unit: Option<String>,
    },
    /// A payment is owed.
    Payment {
        /// What for.
        #[command(flatten)]
        reason: Reason,
        /// How much.
        #[arg(long, value_name = "VND", value_parser = dong)]
        amount: u64,
    },
    /// A payment was made.
    Paid {
        /// How much.
        #[arg(long, value_name = "VND", value_parser = dong)]
        amount: u64,
        /// Its number.
        #[arg(long, value_name = "TEXT")]
        reference: String,
    },
    /// The result is there.
    Decide {
        /// In place.
        #[arg(value_name = "TEXT", required_unless_present = "result", conflicts_with = "result")]
        words: Option<String>,
        /// As an option.
        #[arg(long, value_name = "TEXT")]
        result: Option<String>,
    },
    /// The result was handed over.
    Return {
        /// In place.
        #[arg(value_name = "TEXT", required_unless_present = "to", conflicts_with = "to")]
        words: Option<String>,
        /// As an option.
        #[arg(long, value_name = "TEXT")]
        to: Option<String>,
    },
    /// The applicant wants it back.
    Withdraw(Reason),
    /// The desk's answer to that.
    AnswerWithdrawal {
        /// Why.
        #[command(flatten)]
        reason: Reason,
        /// Yes.
        #[arg(long, required_unless_present = "not_granted", conflicts_with = "not_granted")]
        granted: bool,
        /// No.
        #[arg(long)]
        not_granted: bool,
    },
    /// Form 05.
    Stop(Reason),
    /// A result is taken back.
    Correct(Reason),
    /// What was written later counts.
    Adopt,
    /// One of several acts stands.
    Settle {
        /// Why.
        #[command(flatten)]
        reason: Reason,
        /// Which.
        #[arg(long, value_name = "EVENT")]
        stands: String,
    },
    /// A remark.
    Comment {
        /// In place.
        #[arg(value_name = "TEXT", required_unless_present = "text", conflicts_with = "text")]
        words: Option<String>,
        /// As an option.
        #[arg(long, value_name = "TEXT")]
        text: Option<String>,
        /// For staff only.
        #[arg(long)]
        internal: bool,
    },
    /// The identity card was seen.
    Vouch {
        /// Which kind.
        #[arg(long, value_name = "TEXT")]
        paper: String,
    },
    /// Papers were taken over.
    Collect,
}

/// Does the act, or keeps nothing of it.
pub fn run(shell: &Shell, args: Args) -> Result<Answer, Failure> {
    let mut device = shell.device()?;
    let dossier = device.resolve(&args.dossier)?;
    let request = request::of(&mut device, &dossier, args.act)?;
    let done = device.act(&dossier, request)?;
    shell.answer(&done, |page| {
        page.line("event.done");
        page.line("saved.here");
    })
}

/// Reads an amount of đồng: digits, or digits in groups of three with dots between, as amounts are written here.
fn dong(text: &str) -> Result<u64, &'static str> {
    const NO_AMOUNT: &str = "not an amount";
    let groups: Vec<&str> = text.split('.').collect();
    let grouped = match groups.as_slice() {
        [_] => true,
        [first, rest @ ..] => (1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3),
        [] => false,
    };
    let digits = groups.concat();
    if grouped && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        digits.parse().map_err(|_| NO_AMOUNT)
    } else {
        Err(NO_AMOUNT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_they_are_written() {
        assert_eq!(dong("1.200.000"), Ok(1_200_000));
        assert_eq!(dong("50000"), Ok(50_000));
        for text in ["", "1.5", "1200.000", "-1", "1,5", "12 000", "99999999999999999999999"] {
            assert!(dong(text).is_err(), "{text}");
        }
    }
}
