//! What every database must do, as a suite that each implementation passes.
//!
//! Each property is a public function over an empty database. [`storage_conformance!`](crate::storage_conformance) makes
//! one test of each:
//!
//! ```ignore
//! async fn open() -> (Arc<dyn Storage>, impl Sized) { … } // the second keeps a directory or a server alive
//! sync_server::storage_conformance!(open);
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a property that does not hold ends in a panic, here as in any test"
)]

pub mod admission;
pub mod attachments;
pub mod concurrency;
pub mod devices;
pub mod digest;
pub mod feed;
pub mod fixtures;
pub mod intake;
pub mod lists;

/// Makes a test of every property of the suite. The argument is an async function without parameters that answers an
/// empty database, as `Arc<dyn Storage>`, and whatever must live as long as the test.
#[macro_export]
macro_rules! storage_conformance {
    ($open:path) => {
        $crate::storage_conformance! { @each $open;
            devices: a_setting_is_settled_once, an_invitation_reads_back, an_invitation_enrols_one_device,
                an_expired_or_unknown_invitation_enrols_nobody, certificates_stand_in_their_order,
                unknown_devices_are_left_out, open_invitations_are_listed,
                what_a_device_holds_is_kept_with_its_time, the_first_revocation_stands;
            intake: what_was_never_sent_is_unknown, a_group_is_known_once_committed, facts_name_what_was_asked_for,
                positions_follow_arrival, a_hash_is_taken_once, an_actors_number_is_taken_once,
                a_receipt_number_is_taken_once, a_batch_gets_its_receipts_again, an_item_reads_back_as_written,
                quarantined_items_do_not_await, a_group_of_many_dossiers_is_one_commit;
            admission: admission_marks_projects_and_feeds, an_admission_overtaken_by_an_item_writes_nothing,
                entering_a_scope_brings_everything, leaving_a_scope_tells_it, staff_events_stay_with_staff,
                losing_sight_of_staff_events_means_entering_anew, many_admissions_at_once_answer_each,
                a_quarantined_item_may_be_admitted_later, admitting_again_appends_nothing,
                what_still_waits_is_found_again;
            feed: a_feed_is_read_in_pages, a_page_is_never_empty_while_there_is_more, own_rows_are_counted_not_sent,
                a_long_feed_is_read_whole, an_unknown_scope_is_empty,
                news_are_told_when_they_are_durable;
            digest: the_digest_is_that_of_what_the_feed_told, what_is_admitted_counts_where_it_is_for,
                a_setting_is_replaced;
            attachments: an_attachment_belongs_to_its_dossier, an_arrival_is_told_once,
                only_what_is_named_and_missing_is_wanted, arrived_attachments_are_backfilled,
                an_upload_moves_from_where_it_is, untouched_uploads_are_stale;
            lists: projections_are_listed_by_scope_newest_first, no_row_of_one_millisecond_is_passed_over,
                a_code_leads_to_its_first_dossier, serials_are_given_once, things_are_counted, readings_are_logged,
                a_nul_character_harms_nothing;
            concurrency: a_reader_sees_every_row_once_in_order, two_admissions_of_many_scopes_do_not_block_for_ever,
                serials_are_never_given_twice, of_two_groups_with_one_number_one_stands,
                of_two_devices_with_one_invitation_one_is_enrolled, two_starting_processes_agree;
        }
    };
    (@each $open:path; $($module:ident: $($property:ident),+;)+) => {
        $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $property() {
                let (storage, _alive) = $open().await;
                $crate::storage::conformance::$module::$property(storage).await;
            }
        )+)+
    };
}
