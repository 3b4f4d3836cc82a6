use serde_json::{Value, json};

use super::super::{Catalogue, files};
use super::*;

#[test]
fn the_shipped_files_have_no_error() {
    let errors: Vec<Finding> =
        check(&files::shipped()).into_iter().filter(|finding| finding.severity == Severity::Error).collect();
    assert_eq!(errors, []);
}

type Mutation = fn(&mut Value);

/// What is planted in a shipped file, and the pointer at which an error must be found.
const MUTATIONS: &[(&str, Mutation, &str, &str)] = &[
    ("birth", |v| v["colour"] = json!(1), "/colour", "unknown field"),
    ("birth", |v| v["versions"][0]["colour"] = json!(1), "/versions/0/colour", "unknown field"),
    (
        "birth",
        |v| v["versions"][0]["components"][1]["colour"] = json!(1),
        "/versions/0/components/1/colour",
        "unknown field",
    ),
    ("birth", |v| v["forms"][0]["ui"]["pages"][0]["colour"] = json!(1), "/forms/0/ui/pages/0/colour", "unknown field"),
    ("birth", |v| v["code"] = json!("1.1193"), "/code", "1.001193"),
    ("birth", |v| v["code"] = json!("1.001194"), "/code", "file's name"),
    ("birth", |v| v["sector"] = json!("xyz"), "/sector", "sectors.json"),
    ("birth", |v| v["life_events"][1] = json!("xyz"), "/life_events/1", "life_events.json"),
    ("birth", |v| v["life_events"][0] = json!("Sinh con"), "/life_events/0", "1 to 64 characters"),
    ("birth", |v| v["name"]["vi"] = json!(" "), "/name/vi", "Vietnamese label"),
    ("birth", |v| v["versions"] = json!([]), "/versions", "no version"),
    ("birth", |v| v["versions"][0]["form"] = json!("other"), "/versions/0/form", "not in the file"),
    ("birth", |v| v["versions"][0]["legal_bases"] = json!([]), "/versions/0/legal_bases", "empty"),
    (
        "birth",
        |v| v["versions"][0]["components"][1]["id"] = json!("to-khai"),
        "/versions/0/components/1/id",
        "two components",
    ),
    (
        "birth",
        |v| v["versions"][0]["components"][0]["name"]["vi"] = json!(""),
        "/versions/0/components/0/name/vi",
        "Vietnamese",
    ),
    (
        "birth",
        |v| v["versions"][0]["components"][0]["originals"] = json!(-1),
        "/versions/0/components/0",
        "cannot be read",
    ),
    ("birth", |v| v["versions"][0]["components"][0]["originals"] = json!(0), "/versions/0/components/0", "neither"),
    (
        "birth",
        |v| v["versions"][0]["components"][0]["cases"] = json!(["x"]),
        "/versions/0/components/0/cases",
        "no case",
    ),
    (
        "birth",
        |v| v["versions"][0]["components"][0]["photo"]["quality"] = json!(0),
        "/versions/0/components/0/photo",
        "bounds",
    ),
    ("birth", |v| v["versions"][0]["cases"][0]["id"] = json!("other"), "/versions/0/cases", "normal"),
    (
        "birth",
        |v| v["versions"][0]["cases"][0]["channels"][0]["fees"][0]["amount_dong"] = json!(-1),
        "/versions/0/cases/0/channels/0/fees/0/amount_dong",
        "negative",
    ),
    (
        "birth",
        |v| v["versions"][0]["cases"][0]["channels"][0]["fees"][0]["per"] = json!("yard"),
        "/versions/0/cases/0/channels/0/fees/0",
        "cannot be read",
    ),
    (
        "birth",
        |v| v["versions"][0]["cases"][0]["channels"][0]["term"] = json!(null),
        "/versions/0/cases/0/channels/0/term",
        "no term",
    ),
    (
        "birth",
        |v| v["versions"][0]["cases"][0]["channels"][0]["term"] = json!({ "amount": 3, "unit": "moons" }),
        "/versions/0/cases/0/channels/0/term",
        "cannot be read",
    ),
    (
        "birth",
        |v| v["versions"][0]["cases"][0]["channels"][1]["channel"] = json!(1),
        "/versions/0/cases/0/channels/1/channel",
        "twice",
    ),
    (
        "birth",
        |v| v["versions"][0]["cases"][0]["channels"][1]["channel"] = json!(4),
        "/versions/0/cases/0/channels/1",
        "channel is 1",
    ),
    (
        "birth",
        |v| v["versions"][0]["flags"]["presence_required"] = json!(true),
        "/versions/0/cases/0/channels/2/allowed",
        "presence",
    ),
    (
        "birth",
        |v| v["versions"][0]["flags"]["postal_send"] = json!(false),
        "/versions/0/cases/0/channels/2/allowed",
        "postal_send",
    ),
    (
        "permit",
        |v| v["versions"][1]["effective_from"] = json!("2026-01-05"),
        "/versions/1/effective_from",
        "no version is in force",
    ),
    ("permit", |v| v["versions"][1]["effective_from"] = json!("2025-12-31"), "/versions/1/effective_from", "overlaps"),
    ("permit", |v| v["versions"][0]["effective_to"] = json!(null), "/versions/1/effective_from", "overlaps"),
    (
        "permit",
        |v| v["versions"][2]["effective_to"] = json!("2020-01-01"),
        "/versions/2/effective_to",
        "before it begins",
    ),
    ("permit", |v| v["versions"][1]["version"] = json!("2025.07"), "/versions/1/version", "two versions"),
    ("permit", |v| v["versions"][1]["effective_from"] = json!("soon"), "/versions/1", "cannot be read"),
    (
        "birth",
        |v| v["forms"][0]["schema"]["properties"]["child_name"]["pattern"] = json!("["),
        "/forms/0/schema/properties/child_name/pattern",
        "invalid",
    ),
    (
        "birth",
        |v| v["forms"][0]["schema"]["properties"]["child_name"]["maxLength"] = json!("x"),
        "/forms/0/schema/properties/child_name/maxLength",
        "invalid",
    ),
    (
        "birth",
        |v| v["forms"][0]["schema"]["required"][0] = json!("nobody"),
        "/forms/0/schema/required/0",
        "not in properties",
    ),
    (
        "birth",
        |v| v["forms"][0]["schema"]["properties"]["child_name"]["colour"] = json!(1),
        "/forms/0/schema/properties/child_name/colour",
        "unknown keyword",
    ),
    (
        "birth",
        |v| v["forms"][0]["schema"]["properties"]["child_name"]["title"] = json!(""),
        "/forms/0/schema/properties/child_name/title",
        "Vietnamese",
    ),
    (
        "birth",
        |v| v["forms"][0]["schema"]["properties"]["child_name"]["x-type"] = json!("colour"),
        "/forms/0/schema/properties/child_name/x-type",
        "x-type",
    ),
    (
        "birth",
        |v| v["forms"][0]["schema"]["properties"]["child_name"]["type"] = json!("integer"),
        "/forms/0/schema/properties/child_name/type",
        "agree",
    ),
    (
        "birth",
        |v| v["forms"][0]["schema"]["properties"]["child_sex"]["oneOf"][1]["const"] = json!("male"),
        "/forms/0/schema/properties/child_sex/oneOf/1/const",
        "choices",
    ),
    (
        "birth",
        |v| v["forms"][0]["schema"]["additionalProperties"] = json!(true),
        "/forms/0/schema/additionalProperties",
        "false",
    ),
    ("birth", |v| v["forms"][0]["schema"]["allOf"][0]["if"] = json!({}), "/forms/0/schema/allOf/0/if", "visible_when"),
    (
        "birth",
        |v| v["forms"][0]["ui"]["pages"][1]["groups"][0]["fields"][0] = json!("nobody"),
        "/forms/0/ui/pages/1/groups/0/fields/0",
        "unknown field",
    ),
    (
        "birth",
        |v| v["forms"][0]["ui"]["pages"][1]["groups"][0]["fields"][0] = json!("nobody"),
        "/forms/0/ui/pages",
        "leaves a field out",
    ),
    (
        "birth",
        |v| v["forms"][0]["ui"]["pages"][1]["groups"][0]["fields"][0] = json!("child_birth"),
        "/forms/0/ui/pages/1/groups/0/fields/1",
        "twice",
    ),
    (
        "birth",
        |v| v["forms"][0]["ui"]["fields"]["birth_facility"]["visible_when"]["field"] = json!("nobody"),
        "/forms/0/ui/fields/birth_facility/visible_when",
        "unknown field",
    ),
    (
        "birth",
        |v| v["forms"][0]["ui"]["fields"]["birth_facility"]["visible_when"]["field"] = json!("birth_facility"),
        "/forms/0/ui/fields/birth_facility/visible_when",
        "circle",
    ),
    (
        "birth",
        |v| {
            v["forms"][0]["ui"]["fields"]["child_name"]["visible_when"] =
                json!({ "field": "child_sex", "equals": "male" })
        },
        "/forms/0/schema/required/6",
        "without it",
    ),
    ("birth", |v| v["forms"][0]["ui"]["fields"]["nobody"] = json!({}), "/forms/0/ui/fields/nobody", "hints"),
    (
        "birth",
        |v| v["forms"][0]["ui"]["roles"]["applicant_id"] = json!("nobody"),
        "/forms/0/ui/roles/ApplicantId",
        "role",
    ),
    ("birth", |v| v["forms"][0]["ui"]["roles"] = json!({}), "/forms/0/ui/roles", "applicant's name"),
    (
        "birth",
        |v| v["forms"][0]["ui"]["identities"][0]["birth"] = json!("nobody"),
        "/forms/0/ui/identities/0",
        "identity pair",
    ),
    ("sectors", |v| v["sectors"][1]["id"] = json!("ho-tich"), "/sectors/1/id", "two sectors"),
    ("events", |v| v["life_events"][1]["id"] = json!("sinh-con"), "/life_events/1/id", "two events"),
    ("events", |v| v["life_events"][1]["name"]["vi"] = json!(""), "/life_events/1/name/vi", "Vietnamese"),
    ("sectors", |v| v["sectors"][1]["colour"] = json!(1), "/sectors/1/colour", "unknown field"),
    ("manifest", |v| v["version"] = json!("soon"), "/version", "year.month.number"),
    ("manifest", |v| v["schema"] = json!(99), "/schema", "newer program"),
    ("manifest", |v| v["colour"] = json!(1), "", "unknown field"),
    ("calendar", |v| v["version"] = json!(""), "/version", "version"),
];

#[test]
fn each_planted_fault_is_found_where_it_is() {
    for (number, (file, mutate, pointer, words)) in MUTATIONS.iter().enumerate() {
        let path = match *file {
            "birth" => "procedures/1.001193.json",
            "permit" => "procedures/1.009994.json",
            "sectors" => "sectors.json",
            "events" => "life_events.json",
            "calendar" => "calendar.json",
            _ => "catalogue.json",
        };
        let mut files = files::shipped();
        let before = files[path].clone();
        let mut value: Value = serde_json::from_slice(&before).unwrap();
        mutate(&mut value);
        assert_ne!(value, serde_json::from_slice::<Value>(&before).unwrap(), "no. {number} changes something");
        files.insert(path.to_owned(), value.to_string().into_bytes());
        let findings = check(&files);
        let found = findings.iter().any(|finding| {
            finding.severity == Severity::Error
                && finding.file == path
                && finding.path == *pointer
                && finding.what.en.contains(words)
        });
        assert!(found, "no. {number} at {pointer} ({words}): {findings:#?}");
    }
}

#[test]
fn missing_broken_and_foreign_files_are_found() {
    for path in ["catalogue.json", "sectors.json", "life_events.json", "units.json", "calendar.json"] {
        let mut files = files::shipped();
        files.remove(path);
        assert!(check(&files).iter().any(|one| one.file == path && one.severity == Severity::Error), "{path}");
        assert!(Catalogue::from_files(files).is_err());
        let mut files = files::shipped();
        files.insert(path.to_owned(), b"{".to_vec());
        assert!(check(&files).iter().any(|one| one.file == path && one.severity == Severity::Error), "{path}");
    }
    let mut files = files::shipped();
    files.insert("readme.txt".into(), Vec::new());
    assert!(check(&files).iter().any(|one| one.file == "readme.txt" && one.severity == Severity::Warning));
    assert!(Catalogue::from_files(files).is_ok());
    let mut files = files::shipped();
    files.insert("procedures/1.001193.000.00.00.H22.json".into(), files["procedures/1.001193.json"].clone());
    assert!(check(&files).iter().any(|one| one.what.en.contains("two files")));
    let mut files = files::shipped();
    files.insert("procedures/1.001193.json".into(), vec![b' '; FILE_MAX_BYTES + 1]);
    assert!(check(&files).iter().any(|one| one.what.en.contains("larger than")));
}
