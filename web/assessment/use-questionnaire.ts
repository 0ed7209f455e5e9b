import { useCallback, useEffect, useRef, useState } from "react";
import { isForNow, type Twinship } from "../../client/index.ts";
import { useAssessment, usePair, useTwinship } from "../../client/react.ts";
import type { AssessmentView, BankView, ResultsView } from "../../schema/wire/assessments.ts";
import { Answers } from "./answers.ts";
import { bankOf, begin, complete, newestOf, resultsOf } from "./asking.ts";

/** How far this person is: what the sheet shows. */
export type Stage =
  | { readonly at: "asking"; readonly problem?: string }
  | { readonly at: "beginning" }
  | { readonly at: "answering"; readonly bank: BankView; readonly answers: Answers }
  | { readonly at: "done"; readonly bank: BankView; readonly session: AssessmentView; readonly results: ResultsView };

export interface Questionnaire {
  readonly stage: Stage;
  readonly begin: () => Promise<void>;
  /** Throws Refused below 105 answers. */
  readonly finish: () => Promise<void>;
  readonly look: () => void;
}

/** Where one phone keeps answers that its server has not taken yet, while nobody looks at them. */
export const useKeptAnswers = (): Map<string, Answers> => useState(() => new Map<string, Answers>())[0];

export function useQuestionnaire(kept: Map<string, Answers>): Questionnaire {
  const twinship = useTwinship();
  const { mine } = useAssessment();
  const isLive = usePair().status === "live";
  const [stage, setStage] = useState<Stage>({ at: "asking" });
  const turn = useRef(0);
  const show = useCallback(async (work: () => Promise<Stage>) => {
    const mineNow = ++turn.current;
    const next = await work();
    if (mineNow === turn.current) setStage(next);
  }, []);
  const look = useCallback(() => {
    show(() => stageOf(twinship, kept)).catch((error: unknown) =>
      setStage({ at: "asking", problem: problemOf(error) }),
    );
  }, [twinship, kept, show]);

  // Begun or completed on another device, too.
  const [sessionId, status] = [mine?.sessionId, mine?.status];
  useEffect(() => {
    if (isLive) look();
  }, [look, isLive, sessionId, status]);
  useEffect(
    () => twinship.chat.on("other", ({ event }) => event === "subscription.changed" && look()),
    [twinship, look],
  );
  return {
    stage: stage.at === "asking" && !isLive ? { at: "asking", problem: OFFLINE } : stage,
    look,
    begin: () => show(async () => answering(twinship, kept, await begin(twinship))),
    finish: () => show(() => finished(twinship, kept, stage)),
  };
}

async function stageOf(twinship: Twinship, kept: Map<string, Answers>): Promise<Stage> {
  const session = await newestOf(twinship);
  if (!session || session.status === "abandoned") return { at: "beginning" };
  if (session.status === "in_progress") return answering(twinship, kept, session);
  const [bank, results] = await Promise.all([bankOf(twinship), resultsOf(twinship, session.id)]);
  return { at: "done", bank, session, results };
}

async function answering(twinship: Twinship, kept: Map<string, Answers>, session: AssessmentView): Promise<Stage> {
  const answers = kept.get(session.id) ?? new Answers(session);
  answers.learn(session);
  kept.set(session.id, answers);
  return { at: "answering", answers, bank: await bankOf(twinship) };
}

async function finished(twinship: Twinship, kept: Map<string, Answers>, stage: Stage): Promise<Stage> {
  if (stage.at !== "answering") return stage;
  const { sessionId, unsent } = stage.answers;
  await complete(twinship, sessionId, unsent);
  kept.delete(sessionId);
  return stageOf(twinship, kept);
}

const OFFLINE = "This needs a connection.";

export const problemOf = (error: unknown): string =>
  isForNow(error) ? OFFLINE : error instanceof Error ? error.message : String(error);
