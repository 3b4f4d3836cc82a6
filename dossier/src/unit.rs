//! Administrative units and the Centre's own points: who exists when, under whom, and what became of whom.
//!
//! ```text
//! former                                   present (since 1 July 2025)
//! Bình Dương ─ TP Thủ Dầu Một ─ P. Phú Mỹ ──merged_into──▶ P. Bình Dương ─ TP. Hồ Chí Minh
//!                             └ P. Hiệp An ──split_to──▶ P. Chánh Hiệp
//!                                          └─split_to──▶ P. Phú An
//! ```
//!
//! Units are never deleted or renumbered: they end. Succession is many-to-many, so an old address is never converted by
//! itself: sixteen former communes were split, and eleven old names now belong to somebody else (domain §7.2). This
//! module offers candidates with flags; a person chooses.

mod check;
mod search;
mod tree;

pub use check::Finding;
pub use search::{Flag, Hit, MAX_HITS};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The largest unit file that is read, in bytes: the whole country, 3,300 present and 10,500 former communes, takes about
/// 3 MB.
pub const MAX_UNITS_BYTES: usize = 8 * 1024 * 1024;

/// The stable name of a unit, never reused: `hcm-25747`, `bd-tdm-phu-cuong`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnitId(String);

impl UnitId {
    /// Takes an id as it stands; whether it exists is for [`Units::get`] to say.
    #[must_use]
    pub fn new(id: &str) -> UnitId {
        UnitId(id.to_owned())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for UnitId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What kind of unit it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitType {
    /// Tỉnh.
    Province,
    /// Thành phố trực thuộc trung ương.
    City,
    /// Thành phố thuộc tỉnh; gone since 1 July 2025.
    ProvincialCity,
    /// Huyện; gone since 1 July 2025.
    RuralDistrict,
    /// Phường.
    Ward,
    /// Xã.
    Commune,
    /// Thị trấn; gone since 1 July 2025.
    Township,
    /// Trung tâm Phục vụ hành chính công.
    ServiceCentre,
    /// Chi nhánh of the Centre.
    Branch,
    /// Điểm tiếp nhận of the Centre.
    ReceptionPoint,
}

impl UnitType {
    /// Whether it is of the lowest level of government: ward, commune or township.
    #[must_use]
    pub fn is_communal(self) -> bool {
        matches!(self, UnitType::Ward | UnitType::Commune | UnitType::Township)
    }

    /// The word before the name in an address. Points of the Centre carry it in their name.
    #[must_use]
    pub fn vi(self) -> &'static str {
        match self {
            UnitType::Province => "Tỉnh",
            UnitType::City | UnitType::ProvincialCity => "Thành phố",
            UnitType::RuralDistrict => "Huyện",
            UnitType::Ward => "Phường",
            UnitType::Commune => "Xã",
            UnitType::Township => "Thị trấn",
            UnitType::ServiceCentre | UnitType::Branch | UnitType::ReceptionPoint => "",
        }
    }
}

/// A unit with its time. `valid_from` is its first day, `valid_to` the first day on which it is no more; `None` means
/// before records and for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Stable id.
    pub id: UnitId,
    /// Official code (QĐ 19/2025/QĐ-TTg): two digits for a province, five for a commune.
    pub code: Option<String>,
    /// Electronic identifier of the authority (QĐ 20/2020/QĐ-TTg), `H29.25747` shape.
    pub org_id: Option<String>,
    /// The identifier is not the official one yet: it comes from the Centre's configuration.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub org_id_provisional: bool,
    /// Name without the type.
    pub name: String,
    /// Kind of unit.
    #[serde(rename = "type")]
    pub kind: UnitType,
    /// The unit above.
    pub parent: Option<UnitId>,
    /// For a point of the Centre: the commune where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serves: Option<UnitId>,
    /// First day.
    #[serde(default, with = "crate::calendar::iso_day::optional")]
    pub valid_from: Option<Date>,
    /// First day after its end.
    #[serde(default, with = "crate::calendar::iso_day::optional")]
    pub valid_to: Option<Date>,
}

impl Unit {
    /// Whether the unit exists on a day.
    #[must_use]
    pub fn valid_on(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day < to)
    }

    /// The name as in an address: "Phường Thủ Dầu Một".
    #[must_use]
    pub fn full_name(&self) -> String {
        match self.kind.vi() {
            "" => self.name.clone(),
            word => format!("{word} {}", self.name),
        }
    }
}

/// How one unit follows another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuccessionKind {
    /// The whole went into the other.
    MergedInto,
    /// A part went into the other; there are several such edges.
    SplitTo,
    /// The same unit under another name.
    Renamed,
    /// Its tasks went to the other.
    Transferred,
    /// The same area and name under another parent.
    Unchanged,
}

/// One edge from a former unit to the one that follows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Succession {
    /// The former unit.
    pub from: UnitId,
    /// The one that follows.
    pub to: UnitId,
    /// How.
    pub kind: SuccessionKind,
    /// First day of the new state.
    #[serde(with = "crate::calendar::iso_day")]
    pub on: Date,
    /// Decision.
    pub basis: String,
}

/// A former unit whose name is now borne by another one that does not follow it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameTrap {
    /// The former unit.
    pub former: UnitId,
    /// Who bears its name now, in words for the operator.
    pub now_borne_by: String,
    /// The bearer, if it is in this file.
    pub bearer: Option<UnitId>,
}

/// The file as it is written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitsFile {
    version: String,
    source: String,
    org_id_note: String,
    units: Vec<Unit>,
    successions: Vec<Succession>,
    name_traps: Vec<NameTrap>,
    ambiguous_names: Vec<String>,
}

/// All units, indexed.
#[derive(Debug, Clone)]
pub struct Units {
    file: UnitsFile,
    /// Id, code and identifier to the place in the list.
    places: HashMap<String, usize>,
}

/// Why a file is not a list of units.
#[derive(Debug, thiserror::Error)]
pub enum UnitsError {
    /// Larger than [`MAX_UNITS_BYTES`].
    #[error("the unit file has {size_bytes} bytes, more than {MAX_UNITS_BYTES}")]
    TooLarge {
        /// Its size.
        size_bytes: usize,
    },
    /// Not JSON of the expected shape.
    #[error("the unit file has another shape")]
    Shape(#[source] serde_json::Error),
}

impl Units {
    /// Reads a unit file (UTF-8 JSON, shape as in `catalogue/units.json`). Its sense is checked by [`Units::check`].
    ///
    /// # Errors
    /// [`UnitsError`].
    pub fn from_json(json: &str) -> Result<Units, UnitsError> {
        if json.len() > MAX_UNITS_BYTES {
            return Err(UnitsError::TooLarge { size_bytes: json.len() });
        }
        let file: UnitsFile = serde_json::from_str(json).map_err(UnitsError::Shape)?;
        let mut places = HashMap::new();
        for (place, unit) in file.units.iter().enumerate() {
            for key in [Some(unit.id.as_str()), unit.code.as_deref(), unit.org_id.as_deref()].into_iter().flatten() {
                // The first one stays; that there is another is found by the check.
                places.entry(key.to_owned()).or_insert(place);
            }
        }
        Ok(Units { file, places })
    }

    /// The version of the file.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.file.version
    }

    /// Where the data come from, for the operator.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.file.source
    }

    /// What a provisional identifier means, for the operator.
    #[must_use]
    pub fn org_id_note(&self) -> &str {
        &self.file.org_id_note
    }

    /// All units, former ones too, in the order of the file.
    #[must_use]
    pub fn all(&self) -> &[Unit] {
        &self.file.units
    }

    /// All edges of succession.
    #[must_use]
    pub fn successions(&self) -> &[Succession] {
        &self.file.successions
    }
}

#[cfg(test)]
mod tests;
