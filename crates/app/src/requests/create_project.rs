//! Making a project from a built-in template.

use graph::NewProject;
use graph::clipping::Clipping;

use crate::app::Inner;
use crate::failure::Failure;
use crate::reply::Reply;
use crate::world::locked;
use crate::{builtin, catalogue, opening};

/// Makes the project and opens it.
pub(super) async fn call(
    app: &Inner,
    template: &str,
    name: &str,
    sample: bool,
) -> Result<Reply, Failure> {
    let name = catalogue::checked_name(name)?;
    let builtin = builtin::all()
        .iter()
        .find(|builtin| builtin.key == template);
    let builtin = builtin.ok_or_else(|| {
        Failure::new("TEMPLATE_NOT_FOUND", "There is no such template.").with_detail(template)
    })?;
    let new = NewProject {
        name,
        currency: builtin.currency.clone(),
        template: builtin.template.clone(),
        content: if sample {
            builtin.sample.clone()
        } else {
            Clipping::default()
        },
    };
    let me = locked(&app.me).clone();
    let made = app
        .world
        .blocking(move |world| opening::make(world, &me, &new, &builtin.name));
    super::open_project::made(app, made.await?).await
}
