/** What stands between us and Redis, in its own words or the system's, and what to set. */
const PROBLEMS: readonly (readonly [pattern: RegExp, problem: string])[] = [
  [/^NOAUTH\b/, "Redis wants a password: put it into REDIS_URL, redis://:password@host"],
  [/^WRONGPASS\b/, "Redis does not take the name or password: mend REDIS_URL"],
  [/^NOPERM\b/, "Redis does not let this user do what the server needs: give it all keys, channels and commands"],
  [/^MISCONF\b/, "Redis cannot write to its disk: make room there, or start it with --save ''"],
  [/^READONLY\b/, "Redis is a replica there: let REDIS_URL lead to the primary"],
  [/^LOADING\b/, "Redis is still loading: it comes by itself"],
  [/ECONNREFUSED/, "Redis does not answer there: start it, or mend REDIS_URL"],
  [/ENOTFOUND|EAI_AGAIN/, "the host in REDIS_URL has no address: mend REDIS_URL"],
  [
    /ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/,
    "Redis cannot be reached: mend REDIS_URL (rediss:// is for its TLS port), or the network",
  ],
  [/ERR_TLS_CERT_ALTNAME_INVALID/, "Redis' certificate is for another host: mend the host in REDIS_URL"],
  [/CERT_HAS_EXPIRED/, "Redis' certificate has expired: renew it"],
  [
    /SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)/,
    "Redis' certificate is of a CA we do not know: name it in REDIS_CA, as PEM or a path",
  ],
  [/EPROTO|ERR_SSL/, "Redis does not speak TLS there: use redis://, or its TLS port"],
];

const HANGS_UP = "Redis hangs up: if it takes TLS only, use rediss://";

/** In one line what to set; undefined if nobody needs to set anything. Who was greeted before has no question of TLS left. */
export function redisProblem(error: unknown, wasGreeted: boolean): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const words = `${error.message} ${String(Reflect.get(error, "code") ?? "")}`;
  const known = PROBLEMS.find(([pattern]) => pattern.test(words))?.[1];
  return known ?? (/ECONNRESET/.test(words) && !wasGreeted ? HANGS_UP : undefined);
}
