//! Which tickets may this person see: the row scope of the rights table, applied in the filter, so that list, tile, count and export agree.

use crate::app::access::Who;
use crate::app::error::{Error, Result};
use crate::index::{Dicts, Filter};
use crate::ticket::permit::{Right, Scope};
use crate::tile::hex_table::HexView;

impl Who {
    /// The filter narrowed to the rows of the person; every reader of tickets goes through it.
    ///
    /// # Errors
    /// [`Error::Forbidden`] where the role sees no tickets at all.
    pub fn narrowed(&self, mut filter: Filter, dicts: &Dicts) -> Result<Filter> {
        let own = match self.may(Right::Tickets)?.scope {
            Scope::All | Scope::Masked => return Ok(filter),
            Scope::OwnUnit => self
                .unit
                .as_deref()
                .and_then(|unit| dicts.units.code(unit))
                .into_iter()
                .collect(),
            // Invitations and publications name tickets one by one; where nothing was named, nothing is seen.
            _ => Vec::new(),
        };
        filter.units = Some(match filter.units {
            None => own,
            Some(asked) => asked.into_iter().filter(|u| own.contains(u)).collect(),
        });
        Ok(filter)
    }

    /// Whether a ticket of this unit is visible; an invisible one is answered as not found.
    ///
    /// # Errors
    /// [`Error::Forbidden`] where the role sees no tickets at all, [`Error::NotFound`] where it does not see this one.
    pub fn sees(&self, unit: Option<&str>) -> Result<()> {
        match self.may(Right::Tickets)?.scope {
            Scope::All | Scope::Masked => Ok(()),
            Scope::OwnUnit if self.unit.is_some() && self.unit.as_deref() == unit => Ok(()),
            _ => Err(Error::NotFound),
        }
    }

    /// How cells are counted out to this person: roles without the right to addresses see no number below three (web reference 4.2).
    #[must_use]
    pub fn hex_view(&self) -> HexView {
        let all = self.system
            || self
                .may(Right::Tickets)
                .is_ok_and(|cell| matches!(cell.scope, Scope::All | Scope::OwnUnit));
        HexView { withhold_low: !all }
    }

    /// A short word for the scope: equal words see equal rows; for cache keys and `ETag`.
    #[must_use]
    pub fn scope_word(&self) -> String {
        match self.may(Right::Tickets).map(|cell| cell.scope) {
            Ok(Scope::All) => "all".to_owned(),
            Ok(Scope::Masked) => "masked".to_owned(),
            Ok(Scope::OwnUnit) => format!("unit:{}", self.unit.as_deref().unwrap_or("")),
            Ok(Scope::Invited) => format!("invited:{}", self.user),
            _ => "none".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::app::Who;
    use crate::index::{Dicts, Filter};
    use crate::ticket::permit::Role;

    fn who(role: Role, unit: Option<&str>) -> Who {
        Who {
            system: false,
            role,
            unit: unit.map(str::to_owned),
            ..Who::system("t")
        }
    }

    fn units() -> Dicts {
        let mut dicts = Dicts::default();
        dicts.units.intern("一中队", "一中队", None);
        dicts.units.intern("二中队", "二中队", None);
        dicts
    }

    #[test]
    fn a_squad_is_narrowed_to_its_unit_even_if_it_asks_for_another() {
        let dicts = units();
        let squad = who(Role::SquadLeader, Some("二中队"));
        let all = squad.narrowed(Filter::default(), &dicts).unwrap();
        assert_eq!(all.units, Some(vec![1]));
        let asked = Filter {
            units: Some(vec![0]),
            ..Filter::default()
        };
        assert_eq!(squad.narrowed(asked, &dicts).unwrap().units, Some(vec![]));
    }

    #[test]
    fn an_officer_without_unit_and_a_partner_without_invitation_see_nothing() {
        let dicts = units();
        for nobody in [who(Role::Officer, None), who(Role::Liaison, None)] {
            let filter = nobody.narrowed(Filter::default(), &dicts).unwrap();
            assert_eq!(filter.units, Some(vec![]));
            assert!(nobody.sees(None).is_err());
            assert!(nobody.sees(Some("一中队")).is_err());
        }
    }

    #[test]
    fn leaders_and_planners_see_all_and_the_administrator_is_forbidden() {
        let dicts = units();
        for role in [
            Role::Clerk,
            Role::PrincipalLeader,
            Role::Planner,
            Role::Auditor,
        ] {
            let filter = who(role, None).narrowed(Filter::default(), &dicts).unwrap();
            assert!(filter.is_everything());
        }
        assert!(
            who(Role::Admin, None)
                .narrowed(Filter::default(), &dicts)
                .is_err()
        );
        assert!(
            who(Role::Public, None)
                .narrowed(Filter::default(), &dicts)
                .is_err()
        );
    }
}
