//! Everything that is at the marketplace: members, listings, photos, sales, conversations.

use std::collections::{BTreeMap, BTreeSet};

use super::listing::Listing;
use super::sales::Deal;

/// Ids of one member's things lie in a range of their own, so that they do not depend on what others do meanwhile.
const RANGE: u64 = 1_000_000;

/// Where in its member's range the ids of each kind begin.
const SALES: u64 = 500_000;
const PHOTOS: u64 = 700_000;

/// A member: a shop, a buyer, or both.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Member {
    pub(super) login: String,
    /// Ids of its listings, in the order in which they came.
    pub(super) wardrobe: BTreeSet<u64>,
    /// Ids of its sales and purchases, in the order in which they came.
    pub(super) deals: BTreeSet<u64>,
    /// Things made for it so far, from which ids follow: listings, photos, sales.
    made: [u64; 3],
}

/// Kinds of things with ids of their own.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Listing,
    Photo,
    Sale,
}

/// The state of the marketplace.
#[derive(Debug, Clone, Default)]
pub(super) struct Market {
    pub(super) members: BTreeMap<u64, Member>,
    pub(super) listings: BTreeMap<u64, Listing>,
    /// Uploaded photos, with whose they are.
    pub(super) photos: BTreeMap<u64, u64>,
    /// Sales by the id of their transaction.
    pub(super) deals: BTreeMap<u64, Deal>,
    /// Seconds that the calendar has moved.
    calendar: u64,
}

impl Market {
    /// The member of that id, who comes into being when first spoken of.
    pub(super) fn member(&mut self, id: u64) -> &mut Member {
        self.members.entry(id).or_insert_with(|| Member { login: format!("membre{id}"), ..Member::default() })
    }

    /// The name of a member.
    pub(super) fn login(&self, id: u64) -> String {
        self.members.get(&id).map_or_else(|| format!("membre{id}"), |member| member.login.clone())
    }

    /// Gives a shop this many listings, instead of those it had.
    pub(super) fn stock(&mut self, shop: u64, listings: usize) {
        let member = self.member(shop);
        member.made[Kind::Listing as usize] = 0;
        for id in std::mem::take(&mut member.wardrobe) {
            self.listings.remove(&id);
        }
        for number in 1..=listings {
            self.list(shop, format!("Article {number}"), None);
        }
    }

    /// Adds a listing and returns its id.
    pub(super) fn list(&mut self, member: u64, title: String, upload: Option<serde_json::Value>) -> u64 {
        let id = self.next_id(member, Kind::Listing);
        // What is stocked was there before anything happened.
        let made = if upload.is_some() { self.turn() } else { 0 };
        self.listings.insert(id, Listing { id, member, title, upload, made });
        self.member(member).wardrobe.insert(id);
        id
    }

    /// Takes a listing away.
    pub(super) fn delist(&mut self, id: u64) {
        if let Some(listing) = self.listings.remove(&id) {
            self.member(listing.member).wardrobe.remove(&id);
        }
    }

    /// Keeps a photo and returns its id.
    pub(super) fn keep_photo(&mut self, member: u64) -> u64 {
        let id = self.next_id(member, Kind::Photo);
        self.photos.insert(id, member);
        id
    }

    /// Adds a sale; its ids are filled in here.
    pub(super) fn sell(&mut self, of: u64, deal: Deal) {
        let id = self.next_id(of, Kind::Sale);
        for member in [deal.seller, deal.buyer] {
            self.member(member).deals.insert(id);
        }
        self.deals.insert(id, Deal { id, ..deal });
    }

    /// Lets the calendar go on, and says how far it is.
    fn turn(&mut self) -> u64 {
        self.calendar += 1;
        self.calendar
    }

    fn next_id(&mut self, member: u64, kind: Kind) -> u64 {
        let first = match kind {
            Kind::Listing => 0,
            Kind::Sale => SALES,
            Kind::Photo => PHOTOS,
        };
        loop {
            let made = &mut self.member(member).made[kind as usize];
            *made += 1;
            let id = member.wrapping_mul(RANGE).wrapping_add(first + *made);
            let taken = match kind {
                Kind::Listing => self.listings.contains_key(&id),
                Kind::Sale => self.deals.contains_key(&id),
                Kind::Photo => self.photos.contains_key(&id),
            };
            if !taken {
                return id;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_that_is_stocked_again_has_the_new_listings_only() {
        let mut market = Market::default();
        market.stock(5, 3);
        market.stock(5, 1);
        assert_eq!(market.listings.keys().copied().collect::<Vec<_>>(), [5_000_001]);
        assert_eq!(market.listings[&5_000_001].title, "Article 1");
    }

    #[test]
    fn ids_are_never_given_twice_however_large_a_member_is() {
        let mut market = Market::default();
        for member in [1, u64::MAX, u64::MAX / 2 + 1] {
            market.stock(member, 2);
        }
        assert_eq!(market.listings.len(), 6);
        market.delist(1_000_002);
        assert_ne!(market.list(1, "again".to_owned(), None), 1_000_002);
    }
}
