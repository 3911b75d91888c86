//! Is this ticket known already, and what did the file change about it?

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::ticket::{Channel, Personal, Ticket, TicketId};

/// A compact key; two different numbers share one with probability 3e-8 among a million.
pub type Key64 = u64;

/// The key of (channel, number), the identity of a ticket.
#[must_use]
pub fn key(channel: Channel, external_no: &str) -> Key64 {
    hash(&[channel.code().as_bytes(), external_no.as_bytes()])
}

/// The key of a number regardless of channel, for joins by the superior number.
#[must_use]
pub fn number_key(number: &str) -> Key64 {
    hash(&[number.as_bytes()])
}

/// A fingerprint of all that a file said about a ticket; equal means nothing changed.
#[must_use]
pub fn fingerprint(ticket: &Ticket, personal: &Personal) -> u64 {
    // The serialised form has every field in a fixed order; extras are sorted by their map.
    let facts = serde_json::to_vec(&(ticket, personal)).unwrap_or_default();
    hash(&[&facts])
}

fn hash(parts: &[&[u8]]) -> u64 {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update(part);
        sha.update([0x1F]);
    }
    let bytes = sha.finalize();
    let mut first = [0_u8; 8];
    first
        .iter_mut()
        .zip(bytes)
        .for_each(|(to, from)| *to = from);
    u64::from_be_bytes(first)
}

/// What to do with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A ticket nobody has seen.
    New,
    /// Known, and the file says nothing new.
    Same(TicketId),
    /// Known, and the file says something else: compare with [`update`], which may still find nothing.
    Changed(TicketId),
    /// Another channel's copy of a known ticket, joined by the superior number: an update, never a second ticket.
    Joined(TicketId),
}

/// Keys of all known tickets: about 60 bytes a ticket, so a million fit easily.
#[derive(Clone, Debug, Default)]
pub struct Known {
    tickets: HashMap<Key64, (TicketId, u64)>,
    numbers: HashMap<Key64, TicketId>,
    superiors: HashMap<Key64, TicketId>,
}

/// What identifies one ticket among the known ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// [`key`] of channel and number.
    pub key: Key64,
    /// [`number_key`] of the number.
    pub number: Key64,
    /// [`number_key`] of the superior number.
    pub superior: Option<Key64>,
}

impl Identity {
    /// The identity of a ticket.
    #[must_use]
    pub fn of(ticket: &Ticket) -> Self {
        Self {
            key: key(ticket.channel, &ticket.external_no),
            number: number_key(&ticket.external_no),
            superior: ticket.superior_no.as_deref().map(number_key),
        }
    }
}

impl Known {
    /// Room for a number of tickets.
    #[must_use]
    pub fn with_capacity(tickets: usize) -> Self {
        Self {
            tickets: HashMap::with_capacity(tickets),
            numbers: HashMap::with_capacity(tickets),
            superiors: HashMap::new(),
        }
    }

    /// Remembers a ticket, or what a file last said about it.
    pub fn insert(&mut self, identity: Identity, id: TicketId, fingerprint: u64) {
        self.tickets.insert(identity.key, (id, fingerprint));
        self.numbers.entry(identity.number).or_insert(id);
        if let Some(superior) = identity.superior {
            self.superiors.entry(superior).or_insert(id);
        }
    }

    /// Judges a row by the `hard` rule: same channel and number, or one's number is the other's superior number.
    #[must_use]
    pub fn judge(&self, identity: Identity, fingerprint: u64) -> Verdict {
        if let Some((id, held)) = self.tickets.get(&identity.key) {
            return if *held == fingerprint {
                Verdict::Same(*id)
            } else {
                Verdict::Changed(*id)
            };
        }
        let joined = identity
            .superior
            .and_then(|s| self.numbers.get(&s))
            .or_else(|| self.superiors.get(&identity.number));
        joined.map_or(Verdict::New, |id| Verdict::Joined(*id))
    }

    /// Known tickets.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tickets.len()
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tickets.is_empty()
    }
}

macro_rules! take {
    ($changed:ident, $held:ident, $new:ident, $($field:ident),*) => {
        $(if $new.$field.is_some() && $new.$field != $held.$field {
            $held.$field.clone_from(&$new.$field);
            $changed.push(stringify!($field));
        })*
    };
}

/// Brings a held ticket up to what a file says and names the fields that changed; nothing named = nothing changed.
///
/// Only what the file says counts: an empty cell, a missing column or a derived state never takes anything away. A unit
/// written longer (某大队一中队 for 一中队), a category with another root and the same leaf, and coordinates in another datum
/// are the same fact in other words.
pub fn update(held: &mut Ticket, new: &Ticket, state_given: bool) -> Vec<&'static str> {
    let mut changed = Vec::new();
    update_words(held, new, &mut changed);
    take!(
        changed,
        held,
        new,
        superior_no,
        nature,
        urgency,
        district,
        town,
        petitioner
    );
    take!(
        changed,
        held,
        new,
        assigned_at,
        signed_at,
        contacted_at,
        due_at,
        closed_at
    );
    take!(
        changed,
        held,
        new,
        reply,
        visit_contacted,
        visit_solved,
        satisfaction
    );
    take!(changed, held, new, reported_at);
    // A file without a column of arrival says only when it was reported.
    let only_reported = new.reported_at == Some(new.received_at);
    if new.received_at != held.received_at && !only_reported {
        held.received_at = new.received_at;
        changed.push("received_at");
    }
    if new.unit.is_some() && !same_unit(held.unit.as_deref(), new.unit.as_deref()) {
        held.unit.clone_from(&new.unit);
        changed.push("unit");
    }
    if state_given && new.state != held.state {
        held.state = new.state;
        changed.push("state");
    }
    if new.redo > held.redo {
        held.redo = new.redo;
        changed.push("redo");
    }
    if new.confidential && !held.confidential {
        held.confidential = true;
        changed.push("confidential");
    }
    changed
}

fn update_words(held: &mut Ticket, new: &Ticket, changed: &mut Vec<&'static str>) {
    for (name, to, from) in [
        ("title", &mut held.title, &new.title),
        ("content", &mut held.content, &new.content),
        ("place_text", &mut held.place_text, &new.place_text),
    ] {
        if !from.is_empty() && from != to {
            to.clone_from(from);
            changed.push(name);
        }
    }
    if !new.category.is_empty() && new.category.last() != held.category.last() {
        held.category.clone_from(&new.category);
        changed.push("category");
    }
    let pair = match (&held.pair, &new.pair) {
        (None, Some(_)) => true,
        (Some(old), Some(now)) => old.datum == now.datum && old != now,
        _ => false,
    };
    if pair {
        held.pair.clone_from(&new.pair);
        changed.push("pair");
    }
    let mut extras = false;
    for (header, value) in &new.extras {
        if held.extras.get(header) != Some(value) && !value.is_empty() {
            held.extras.insert(header.clone(), value.clone());
            extras = true;
        }
    }
    if extras {
        changed.push("extras");
    }
}

/// Brings the sealed part up to what a file says; returns whether anything changed. What the file does not say stays.
pub fn update_personal(held: &mut Personal, new: &Personal) -> bool {
    let before = held.clone();
    for (to, from) in [
        (&mut held.name, &new.name),
        (&mut held.phone, &new.phone),
        (&mut held.account, &new.account),
        (&mut held.id_card, &new.id_card),
        (&mut held.title, &new.title),
        (&mut held.content, &new.content),
        (&mut held.place_text, &new.place_text),
        (&mut held.reply, &new.reply),
    ] {
        if from.is_some() {
            to.clone_from(from);
        }
    }
    for (header, value) in &new.extras {
        held.extras.insert(header.clone(), value.clone());
    }
    *held != before
}

fn same_unit(held: Option<&str>, new: Option<&str>) -> bool {
    match (held, new) {
        (Some(a), Some(b)) => a.ends_with(b) || b.ends_with(a),
        _ => false,
    }
}
