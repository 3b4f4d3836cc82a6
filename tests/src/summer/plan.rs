//! Who brings what, when, and what becomes of it.

use super::Summer;
use crate::{
    forms::{Form, Person},
    rng::Rng,
};

/// Procedures by weight, of a hundred: land 60, construction 20, the rest as at any desk.
const MIX: [(&str, u64); 8] = [
    ("1.012783", 30),
    ("1.012785", 22),
    ("1.012784", 8),
    ("1.009994", 20),
    ("2.000908", 7),
    ("2.000635", 5),
    ("1.001612", 4),
    ("1.014027", 4),
];
/// The last days only settle what came before: the summer was counted when it ended.
const QUIET_DAYS: usize = 5;

/// Something that is done to a submitted dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The desk accepts.
    Accept,
    /// The desk does not.
    Refuse,
    /// To the specialists.
    Route,
    /// Something is missing.
    Ask,
    /// Here it is.
    Supplement,
    /// A payment is owed.
    AskPayment,
    /// And made.
    Pay,
    /// The applicant wants it back.
    AskWithdrawal,
    /// Work stops.
    Stop,
    /// The result is there.
    Decide,
    /// And handed over.
    Return,
}

/// Who takes a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doer {
    /// An officer of the unit.
    Officer,
    /// The device that submitted.
    Applicant,
}

/// One dossier to come.
#[derive(Debug, Clone)]
pub struct Matter {
    /// The working day on which it is brought.
    pub day: usize,
    /// The postal worker who collects it; none if the citizen submits it themselves.
    pub worker: Option<usize>,
    /// Which of the officers handles it.
    pub officer: usize,
    /// The procedure's code.
    pub procedure: &'static str,
    /// What is typed, field by field.
    pub answers: Vec<(String, String)>,
    /// Components of the procedure.
    pub components: Vec<String>,
    /// What becomes of it after submission.
    pub steps: Vec<Step>,
}

/// All dossiers of a summer, by day.
pub fn matters(summer: &Summer, days: usize, rng: &mut Rng) -> Vec<Matter> {
    let forms: Vec<Form> = MIX.iter().map(|(procedure, _)| Form::of(procedure)).collect();
    let channels = (0..summer.postal + summer.online).map(|number| number < summer.postal);
    let mut matters: Vec<Matter> = channels.map(|is_postal| matter(summer, days, is_postal, &forms, rng)).collect();
    matters.sort_by_key(|matter| matter.day);
    matters
}

fn matter(summer: &Summer, days: usize, is_postal: bool, forms: &[Form], rng: &mut Rng) -> Matter {
    let procedure = *rng.weighted(&MIX);
    let form = forms.iter().find(|form| form.procedure == procedure).expect("a form for each procedure");
    let person = Person::any(rng);
    Matter {
        day: index(rng, days - QUIET_DAYS),
        worker: is_postal.then(|| index(rng, summer.workers)),
        officer: index(rng, super::crew::OFFICERS),
        procedure,
        answers: form.answers(&person, rng),
        components: form.components.clone(),
        steps: steps(rng),
    }
}

/// Four in five are settled, as far as the summer is long enough; the rest stop on the way.
fn steps(rng: &mut Rng) -> Vec<Step> {
    use Step::{Accept, Ask, AskPayment, AskWithdrawal, Decide, Pay, Refuse, Return, Route, Stop, Supplement};
    let plans: [(&[Step], u64); 12] = [
        (&[Accept, Route, Decide, Return], 56),
        (&[Accept, Decide, Return], 6),
        (&[Accept, Route, Ask, Supplement, Decide, Return], 9),
        (&[Accept, Route, AskPayment, Pay, Decide, Return], 6),
        (&[Accept, Route, Decide], 4),
        (&[Refuse], 3),
        (&[Accept, Route, Stop], 2),
        (&[], 3),
        (&[Accept], 2),
        (&[Accept, Route], 4),
        (&[Accept, Route, Ask], 3),
        (&[Accept, Route, AskWithdrawal], 2),
    ];
    rng.weighted(&plans).to_vec()
}

fn index(rng: &mut Rng, bound: usize) -> usize {
    usize::try_from(rng.below(bound as u64)).expect("an index fits")
}
