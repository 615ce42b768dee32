//! Temporary.
use crate::cli::{Exit, Failure};
use crate::demande::comptes;
use crate::demande::{GroupId, Part, Participant, PersonId, Side};
use crate::store::{demandes, outbox, people};
use crate::work::Office;

pub(super) async fn import_bytes(office: &Office, bytes: &[u8]) -> Result<(), Failure> {
    let import = comptes::read(bytes).map_err(|e| Failure::new(Exit::Data, format!("{e:?}")))?;
    let given: Vec<_> = import
        .people
        .into_iter()
        .map(|p| people::ImportedPerson {
            first_name: p.first_name,
            last_name: p.last_name,
            address: p.address,
            qualite: p.qualite,
            phone: p.phone,
            groups: p
                .groups
                .into_iter()
                .map(|g| people::ImportedGroup {
                    name: g.name,
                    organisme: g.organisme,
                    territoires: g.territoires,
                    bal: g.bal,
                })
                .collect(),
            instructeur: p.instructeur,
            aidant: p.aidant,
            responsable: p.responsable,
        })
        .collect();
    let mut tx = office.db.begin().await?;
    people::import(&mut tx, &given, office.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

pub(super) async fn create(office: &Office, _text: &str) -> Result<u32, Failure> {
    let now = office.clock.now();
    let mut tx = office.db.begin().await?;
    let mut groups = Vec::new();
    for name in ["CAF 54", "CPAM 54"] {
        groups.push(people::group_named(&mut tx, name).await?.map(|g| g.id).unwrap_or(GroupId(0)));
    }
    let nadia = people::by_address(&mut tx, "nadia.benali@valbrume.example")
        .await?
        .map(|p| p.id)
        .unwrap_or(PersonId(0));
    let omar = people::by_address(&mut tx, "omar.petit@valbrume.example")
        .await?
        .map(|p| p.id)
        .unwrap_or(PersonId(0));
    let mk =
        |person, side, role| Participant { person, side, role, joined_at: now, left_at: None, follows: true };
    let mut participants = vec![mk(nadia, Side::Auteur, Part::Auteur), mk(omar, Side::Auteur, Part::Aidant)];
    participants.extend(
        people::instructeurs_of(&mut tx, &groups)
            .await?
            .into_keys()
            .map(|p| mk(p, Side::Instructeurs, Part::Instructeur)),
    );
    let new = demandes::NewDemande {
        sujet: "Dossier RSA bloqué".into(),
        description: "Bonjour, rien ne bouge.".into(),
        infos: Default::default(),
        territoire: "54".into(),
        structure: None,
        author: nadia,
        mandat: None,
        created_at: now,
        participants,
        groups,
    };
    let number = demandes::create(&mut tx, &new).await?;
    if let Some(scene) = demandes::scene(&mut tx, number).await? {
        let orders = crate::demande::decide::open(&scene, now);
        outbox::post(&mut tx, &office.clock, Some(number), None, &orders).await?;
    }
    tx.commit().await?;
    Ok(number)
}
