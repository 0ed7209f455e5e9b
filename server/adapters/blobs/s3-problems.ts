import { setTimeout as wait } from "node:timers/promises";
import { OperatorProblem } from "../../operator-problem.ts";
import type { BlobStore } from "./keeper.ts";

/** What a store that speaks S3 says of us, by its own word for it, and what to set. */
const PROBLEMS: Readonly<Record<string, string>> = {
  NoSuchBucket: "there is no such bucket: create it, or mend S3_BUCKET_NAME and S3_ENDPOINT",
  PermanentRedirect: "the bucket is in another region: mend AWS_REGION",
  AuthorizationHeaderMalformed: "the bucket is in another region: mend AWS_REGION",
  IllegalLocationConstraintException: "the bucket is in another region: mend AWS_REGION",
  InvalidAccessKeyId: "nobody there knows our key: mend AWS_ACCESS_KEY_ID",
  SignatureDoesNotMatch: "our secret is another one: mend AWS_SECRET_ACCESS_KEY, or AWS_REGION",
  RequestTimeTooSkewed: "this machine's clock is off by more than a quarter of an hour: set it",
  AccessDenied: "our key may not list, read, write and remove in the bucket: let its policy allow that",
  CredentialsProviderError: "nobody gave us a key: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
};

const PATIENCE_MS = 3000;

const ABOUT = "Pictures and recordings";

/**
 * Looks once into the store of a start. One that refuses us for good keeps it from being one, in a line that says what to
 * set; one that does not answer is told of, and waited for: everything else goes on without it.
 */
export async function refuseUnusable(
  store: Pick<BlobStore, "olderThan">,
  isAway: (error: unknown) => void,
): Promise<void> {
  try {
    await Promise.race([looked(store), silence()]);
  } catch (error) {
    const problem = PROBLEMS[wordOf(error)] ?? (statusOf(error) === 301 ? PROBLEMS["PermanentRedirect"] : undefined);
    if (problem) throw new OperatorProblem(`${ABOUT}: ${problem}`);
    isAway(error);
  }
}

/** A page of what lies there is enough. */
export async function looked(store: Pick<BlobStore, "olderThan">): Promise<void> {
  for await (const _page of store.olderThan(0, "")) return;
}

/** Its client would try for half a minute; no start waits for that. */
async function silence(): Promise<never> {
  await wait(PATIENCE_MS, undefined, { ref: false });
  throw new Error(`It did not answer within ${PATIENCE_MS} ms`);
}

const wordOf = (error: unknown): string => (error instanceof Error ? error.name : "");

function statusOf(error: unknown): unknown {
  return Reflect.get(Object(Reflect.get(Object(error), "$metadata")), "httpStatusCode");
}
