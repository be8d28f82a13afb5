//! Those who come by themselves: which room they may enter, and by what.

use std::sync::Arc;

use relay::{Doubt, Opening, Reception, Rooms, Transport, Visitor};
use sync::ByeCode;
use trust::DeviceId;

use super::OpenRooms;
use crate::world::locked;

impl Rooms for OpenRooms {
    fn device(&self) -> DeviceId {
        self.own.device()
    }

    fn transport(&self) -> Transport {
        self.own.clone()
    }

    fn doubt(&self) -> Doubt {
        self.doubter.listen()
    }

    fn reception(&self) -> Option<Arc<dyn Reception>> {
        Some(self.reception.clone())
    }

    fn open(&self, visitor: Visitor) -> Opening<'_> {
        let is_near = self.access.permits_in_the_open(&visitor.remote);
        let entered = locked(&self.entered);
        let entered = entered
            .get(&visitor.room)
            .filter(|it| !it.inbox.is_closed());
        let inbox = match entered {
            None => Err(ByeCode::UnknownRoom),
            Some(entered) if entered.is_open && !is_near => Err(ByeCode::NotPermitted),
            Some(entered) => Ok(entered.inbox.clone()),
        };
        Box::pin(async { inbox })
    }
}
