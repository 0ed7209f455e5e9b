import assert from "node:assert/strict";
import { lookAtPerson } from "../../domain/person-look.ts";
import { userView } from "../../domain/profile-views.ts";
import { findPerson } from "../../domain/profiles.ts";
import { PrivacyWorld } from "../support/privacy-world.ts";

const SAID = `
update users set gender = 'woman', sexual_orientation = 'lesbian', show_sexual_orientation = true, twin_type = 'other',
  other_twin_type_description = 'mirror', twin_deceased = true, birth_date = '1988-02-29', place_of_birth = 'Žilina',
  time_of_birth = '04:05', profile_picture = gen_random_uuid(), accent_color = 'neon-blue', timezone = 'Asia/Kolkata',
  settings = '{"notificationsEnabled": false}', settings_version = 7, profile_version = 9, email_verified = true,
  last_seen_at = '2026-03-29T00:59:59.999Z', deletion_due_at = '1999-12-31T23:59:59.001Z', status = 'suspended'
where id = $1`;

describe("a person, read for looking only", function () {
  this.timeout(30_000);
  let world: PrivacyWorld;
  before(async () => {
    world = await PrivacyWorld.open();
  });
  after(() => world.close());

  it("[PF1] is the same as the entity in all that is shown, with everything said and with nothing", async () => {
    const ada = await world.member("Ada");
    const { database } = world.world.opened;
    for (const isSaid of [false, true]) {
      if (isSaid) await world.sql(SAID, [ada.userId]);
      await database.read(async (em) => {
        const [looked, found] = [await lookAtPerson(em, ada.userId), await findPerson(em, ada.userId)];
        assert.deepEqual(userView(looked, 1e12), userView(found, 1e12));
        const { status, deletionDueAt, settings, settingsVersion, profileVersion } = found;
        assert.deepEqual(
          [looked.status, looked.deletionDueAt, looked.settings, looked.settingsVersion, looked.profileVersion],
          [status, deletionDueAt, settings, settingsVersion, profileVersion],
        );
      });
    }
  });
});
