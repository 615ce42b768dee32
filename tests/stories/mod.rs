//! Whole lives of a demande, each on both databases, told in the language of `village`.

/// Runs every story named here on both databases. A story that is not named is dead code, and that is an error.
macro_rules! on_both {
    ($($story:ident)+) => {
        mod sqlite { $(
            #[tokio::test]
            async fn $story() {
                let village = crate::village::Village::new(crate::village::Backend::Sqlite).await;
                super::$story(&village).await;
            }
        )+ }
        mod postgres { $(
            #[tokio::test]
            async fn $story() {
                let village = crate::village::Village::new(crate::village::Backend::Postgres).await;
                super::$story(&village).await;
            }
        )+ }
    };
}

mod answers;
mod arrivals;
mod delivery;
mod lives;
mod trust;
