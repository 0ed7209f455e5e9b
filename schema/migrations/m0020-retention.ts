import { Migration } from "@mikro-orm/migrations";

/** What a message bears goes with it also where the message itself goes, and not only its words. */
export class M0020Retention extends Migration {
  override up(): void {
    this.addSql(LEAVE_WITH_MESSAGES);
  }

  override down(): void {
    this.addSql("drop trigger messages_take_media_away on messages");
    this.addSql("drop function media_leave_with_messages()");
  }
}

/** Of several messages that bear the same, the last takes it along. */
const LEAVE_WITH_MESSAGES = `
create function media_leave_with_messages() returns trigger language plpgsql as $$
begin
  update media set gone_at = now()
  where id = old.media_id and gone_at is null
  and not exists (select from messages o where o.pair_id = old.pair_id and o.media_id = old.media_id);
  return null;
end
$$;
create trigger messages_take_media_away after delete on messages
  for each row when (old.media_id is not null) execute function media_leave_with_messages()`;
