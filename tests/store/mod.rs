//! The store's contract: every case is a function over a database and runs on SQLite and on PostgreSQL.
//!
//! PostgreSQL is that of `RELAIS_TEST_POSTGRES`; without it the cases fail, they do not skip.

mod audit;
mod cast;
mod confirmations;
mod databases;
mod demandes;
mod inbox;
mod objects;
mod opening;
mod outbox;
mod pace;
mod people;
mod schema;
mod suspensions;
mod trace;

/// Every case named here, on both databases. A case that is not named is dead code, and that is an error.
macro_rules! contract {
    ($($module:ident { $($case:ident)+ })+) => {
        mod on_sqlite {
            $(mod $module { $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let database = crate::store::databases::Database::sqlite().await;
                    crate::store::$module::$case(&database).await;
                }
            )+ })+
        }
        mod on_postgres {
            $(mod $module { $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let database = crate::store::databases::Database::postgres().await;
                    crate::store::$module::$case(&database).await;
                }
            )+ })+
        }
    };
}

contract! {
    inbox {
        the_same_mail_twice_is_one_row
        recipients_of_a_second_delivery_are_added_while_it_waits
        two_hundred_mails_at_once_are_all_durable
        eight_workers_never_lease_a_row_twice
        the_oldest_come_first_and_a_lease_that_ended_is_taken_again
        an_arrival_is_settled_once
        what_failed_for_now_waits_for_its_time
        a_soft_stop_gives_leases_back
        a_dead_letter_is_replayed
        a_sealed_mail_is_not_shown
        the_same_words_are_posted_once
        nul_is_no_obstacle
        a_form_is_kept_and_settled_in_one_commit
        a_cut_caller_loses_nothing
    }
    outbox {
        an_order_is_leased_when_due_and_sent
        eight_workers_never_lease_an_order_twice
        withdrawing_cancels_what_waits_and_leaves_what_was_sent
        a_failed_attempt_waits_then_dies_then_is_retried
        what_was_sent_stays_sent
        a_lost_worker_s_orders_come_back
        a_batch_is_settled_together
        one_explanation_a_day
    }
    demandes {
        a_scene_is_read_as_it_was_written
        scenes_together_are_as_each_alone
        a_lost_race_is_a_conflict
        withdrawing_and_closing_show_in_lists
        one_who_comes_back_keeps_his_side
        usefulness_is_only_a_sum
        generations_revoke_tokens
        an_unknown_number_is_nothing
    }
    people {
        an_import_creates_then_updates
        lines_for_one_address_are_one_account
        an_address_is_found_whatever_its_case
        a_disabled_account_is_still_found
        a_large_import_is_two_statements
    }
    confirmations {
        one_question_is_open_at_a_time
        a_question_is_answered_once
        a_mail_that_ended_may_be_asked_about_anew
        what_is_over_is_found_and_the_operator_may_let_through
        what_ended_without_a_yes_is_forgotten_in_time
        what_is_held_too_long_ends_and_is_forgotten
    }
    suspensions {
        an_address_is_suspended_until_it_is_resumed
    }
    pace {
        arrivals_are_counted_apart_and_up_to_the_cap
        notices_are_counted
    }
    objects {
        the_same_bytes_are_kept_once
        an_image_seen_before_is_a_logo
    }
    audit {
        lines_are_appended_and_exported_in_order
        lines_cannot_be_changed
    }
    trace {
        a_mail_is_followed_to_what_it_caused
    }
    schema {
        opening_again_changes_nothing
        a_newer_database_is_refused_clearly
        loops_and_pages_use_an_index
    }
}
