#!/bin/sh
# A restore, rehearsed: goes back to a moment on a new folder, starts a PostgreSQL there, and looks whether all of it is
# there. Touches neither the backup nor any server that runs. As PostgreSQL's own user, with its programs in the PATH:
#   BACKUP=/backups/2026-03-01 ARCHIVE=/archive RESTORED=/tmp/drill WHEN='2026-03-01 12:00:00+00' COUNTED=counted.json \
#   DRILL_PORT=54329 DATABASE_URL=postgres://twinship:password@127.0.0.1:54329/twinship deploy/backups/drill.sh
# WHEN left out: as far as the archive goes. COUNTED left out: only whether it is whole, not whether it is the same.
set -eu
: "${BACKUP:?the folder of a base backup}" "${ARCHIVE:?the folder of the archived log}"
: "${RESTORED:?a folder that is not there yet}" "${DRILL_PORT:?a free port}" "${DATABASE_URL:?the database, at that port}"
CHECK="${CHECK:-npm run --silent restore:check --}"

[ ! -e "$RESTORED" ] || { echo "$RESTORED is there already" >&2; exit 2; }
cp -a "$BACKUP" "$RESTORED"
chmod 700 "$RESTORED"
{
  echo "restore_command = 'cp $ARCHIVE/%f %p'"
  [ -z "${WHEN:-}" ] || echo "recovery_target_time = '$WHEN'"
  echo "recovery_target_action = 'promote'"
  # It archives nothing, and is nobody's standby.
  echo "archive_mode = off"
  echo "primary_conninfo = ''"
} >> "$RESTORED/postgresql.auto.conf"
touch "$RESTORED/recovery.signal"

stop() { pg_ctl -D "$RESTORED" -m immediate -w stop > /dev/null 2>&1 || true; }
trap stop EXIT
began=$(date +%s)
pg_ctl -D "$RESTORED" -w -t "${DRILL_SECONDS:-3600}" -l "$RESTORED/drill.log" \
  -o "-p $DRILL_PORT -c listen_addresses=127.0.0.1 -c unix_socket_directories=''" start > /dev/null
until [ "$(psql "$DATABASE_URL" -Atc 'select pg_is_in_recovery()')" = f ]; do sleep 0.2; done
echo "restored within $(($(date +%s) - began)) s"
if [ -n "${COUNTED:-}" ]; then $CHECK --against "$COUNTED"; else $CHECK; fi
