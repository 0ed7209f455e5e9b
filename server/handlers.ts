import type { Handlers } from "./adapters/jobs/boss.ts";
import type { UseCases } from "./use-cases.ts";

/** Who does which kind of work. A new kind is a case of Job, a line in queues.ts, and one here. */
export const handlersOf = ({
  deliveries,
  addresses,
  exports,
  erasure,
  checkMedia,
  studyIntake,
  studyWithdrawals,
}: UseCases): Handlers => ({
  deliver: deliveries.deliver,
  "mail.link": addresses.mailLinkTo,
  "mail.change": addresses.mailChangeTo,
  export: ({ exportId }) => exports.make(exportId),
  erase: ({ userId }) => erasure.erase(userId),
  "research.intake": ({ userId }) => studyIntake.intake(userId),
  "research.withdraw": ({ withdrawalId }) => studyWithdrawals.finish(withdrawalId),
  "media.check": ({ mediaId }) => checkMedia(mediaId),
});
