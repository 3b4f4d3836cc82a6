//! `--help` in the person's language: every command and option has its sentence in the catalogues, by its path.

use clap::{Arg, ArgAction, Command};

use crate::language::Language;

/// The command with all its help texts in a language.
pub fn localised(command: Command, language: Language) -> Command {
    let command = command
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(Arg::new("help").short('h').long("help").global(true).action(ArgAction::Help))
        .arg(Arg::new("version").short('V').long("version").action(ArgAction::Version));
    dress(command, "help", language)
}

fn dress(command: Command, path: &str, language: Language) -> Command {
    let text = |key: String| language.look_up(&key).unwrap_or_default();
    let usage = language.say("help.headings.usage");
    let mut command = command
        .about(text(format!("{path}.about")))
        .long_about(None)
        .disable_help_subcommand(true)
        .subcommand_help_heading(language.say("help.headings.commands"))
        .help_template(format!("{{about}}\n\n{usage}: {{usage}}\n\n{{all-args}}{{after-help}}"));
    if let Some(more) = language.look_up(&format!("{path}.more")) {
        command = command.after_help(more);
    }
    let own = path.to_owned();
    command = command.mut_args(|argument| {
        let heading = if argument.is_positional() { "help.headings.arguments" } else { "help.headings.options" };
        // Options of the whole program are explained once, whichever command's help shows them.
        let of = if argument.is_global_set() { "help" } else { own.as_str() };
        let explained = text(format!("{of}.{}", argument.get_id()));
        argument.help(explained).long_help(None).help_heading(language.say(heading))
    });
    let names: Vec<String> = command.get_subcommands().map(|one| one.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| {
        let below = format!("{path}.{name}");
        command.mut_subcommand(name, |one| dress(one, &below, language))
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    fn unexplained(command: &Command, path: &str, found: &mut Vec<String>) {
        if command.get_about().is_none_or(|about| about.to_string().is_empty()) {
            found.push(format!("{path}.about"));
        }
        for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
            if argument.get_help().is_none_or(|help| help.to_string().is_empty()) {
                found.push(format!("{path}.{}", argument.get_id()));
            }
        }
        for one in command.get_subcommands() {
            unexplained(one, &format!("{path}.{}", one.get_name()), found);
        }
    }

    #[test]
    fn every_command_and_option_is_explained_in_both_languages() {
        for language in [Language::Vi, Language::En] {
            let command = localised(Cli::command(), language);
            command.clone().debug_assert();
            let mut found = Vec::new();
            unexplained(&command, "help", &mut found);
            assert_eq!(found, Vec::<String>::new(), "{language:?}");
        }
    }
}
