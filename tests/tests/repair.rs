//! What one side lost and the other still holds comes back, for a few bytes and without sending everything again.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a broken expectation ends the story, with the reason")]

use client_core::ActRequest;
use stories::{
    Role,
    repair::{Ward, ten_lost_on_each_side},
};

/// 2,000 dossiers, of which the phone lost ten and the Centre ten others.
#[test]
fn twenty_of_two_thousand_come_back_for_two_round_trips() {
    let mended = ten_lost_on_each_side(2_000);
    let repair = &mended.repair;
    assert_eq!((mended.here, mended.there), (2_000, 2_000), "{repair:?}");
    assert_eq!((repair.round_trips, repair.dossiers), (2, 20), "{repair:?}");
    assert!(repair.sent_bytes + repair.received_bytes <= 2_500, "{repair:?}");
    assert!(mended.sync.received_bytes * 20 < mended.full.received_bytes, "{:?} beside {:?}", mended.sync, mended.full);
    // And then there is nothing to say.
    let quiet = &mended.quiet;
    assert_eq!((quiet.round_trips, quiet.repair.round_trips, quiet.received), (1, 0, 0), "{quiet:?}");
    assert!(quiet.sent_bytes <= 300 && quiet.received_bytes <= 300, "{quiet:?}");
}

/// The Centre loses a day of a phone and of a branch after it signed for all of it: both bring it again, the official code
/// that the Centre itself had given among it.
#[test]
fn a_day_that_was_acknowledged_comes_back_from_those_who_hold_it() {
    for is_told in [true, false] {
        let mut ward = Ward::open();
        let (mut phone, mut branch) = (ward.device("phone", Role::Postal), ward.device("branch", Role::Officer));
        ward.collect(&mut phone, 3);
        ward.sync(&mut phone);
        ward.sync(&mut branch);
        let copy = ward.back_up();

        let day = ward.collect(&mut phone, 5);
        ward.sync(&mut phone);
        ward.sync(&mut branch);
        for dossier in &day[..2] {
            branch.act(dossier, ActRequest::Accept { case: None }).unwrap();
        }
        ward.sync(&mut branch);
        ward.sync(&mut phone);
        let codes = |device: &mut client_core::Device| -> Vec<Option<String>> {
            day.iter().map(|dossier| device.show(dossier).unwrap().view.code).collect()
        };
        let before = codes(&mut phone);
        assert_eq!(before.iter().flatten().count(), 2);

        ward.put_back(&copy, is_told);
        let rows = || ward.server.rows().into_iter().find(|(table, _)| table == "dossiers").unwrap().1;
        assert_eq!(rows(), 3);
        // Acceptances rest on what the phone brings, so the branch is not done until it has.
        ward.try_sync(&mut branch);
        ward.sync(&mut phone);
        ward.sync(&mut branch);
        ward.sync(&mut phone);
        assert_eq!(rows(), 8, "told: {is_told}");
        assert_eq!((codes(&mut phone), codes(&mut branch)), (before.clone(), before), "told: {is_told}");
        for device in [&mut phone, &mut branch] {
            let quiet = ward.sync(device);
            assert_eq!((quiet.round_trips, quiet.repair.round_trips), (1, 0), "told: {is_told}, {quiet:?}");
        }
        ward.server.stop();
    }
}
