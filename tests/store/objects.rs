//! Files.

use relais::store::objects::{Image, NewFile, bytes, keep_file, logo_seen};
use uuid::Uuid;

use super::cast::{Cast, NOON, clock};
use super::databases::Database;

pub(crate) async fn the_same_bytes_are_kept_once(database: &Database) {
    let db = &database.db;
    let cast = Cast::come_in(db).await;
    let number = cast.open(db).await;
    let mut tx = db.begin().await.unwrap();
    let new = |name, bytes| NewFile { demande: number, name, kind: "image/png", bytes };
    let one = keep_file(&mut tx, &clock(), new("a.png", b"same")).await.unwrap();
    let two = keep_file(&mut tx, &clock(), new("b\0.png", b"same")).await.unwrap();
    let other = keep_file(&mut tx, &clock(), new("c.png", b"")).await.unwrap();
    tx.commit().await.unwrap();
    assert_ne!(one.id, two.id);
    assert_eq!((two.name.as_str(), two.size, other.size), ("b.png", 4, 0));
    let mut tx = db.read().await.unwrap();
    assert_eq!(bytes(&mut tx, two.id).await.unwrap().as_deref(), Some(b"same".as_slice()));
    assert_eq!(bytes(&mut tx, other.id).await.unwrap().as_deref(), Some(b"".as_slice()));
    assert_eq!(bytes(&mut tx, Uuid::nil()).await.unwrap(), None);
    assert_eq!(database.texts("SELECT sha256 FROM contents").await.len(), 2);
}

pub(crate) async fn an_image_seen_before_is_a_logo(database: &Database) {
    let mut tx = database.db.begin().await.unwrap();
    let image = Image { sender: "lea@caf54.example", sha256: "aa", source: Uuid::nil(), at: NOON };
    assert!(!logo_seen(&mut tx, image).await.unwrap());
    assert!(!logo_seen(&mut tx, image).await.unwrap(), "the same mail, worked again");
    assert!(
        logo_seen(&mut tx, Image { source: Uuid::max(), sender: "LEA@caf54.example", ..image })
            .await
            .unwrap()
    );
    assert!(!logo_seen(&mut tx, Image { sender: "eve@caf54.example", ..image }).await.unwrap());
}
