import { score } from "../domain/scoring/score.ts";
import { ITEM_IDS } from "../schema/wire/assessments.ts";
import { TestServer } from "../tests/support/server.ts";
import { type Figures, figuresOf } from "./figures.ts";

const SESSIONS = 300;

export interface AssessmentFigures {
  /** Milliseconds for all 150 answers. */
  readonly scoring: Figures;
  /** One answer in the room, and one message, in turns, over the same socket. */
  readonly answer: Figures;
  readonly message: Figures;
  readonly results: Figures;
}

const allAnswers = (value: number) => ITEM_IDS.map((itemId, at) => ({ itemId, value: ((value + at) % 7) + 1 }));

/** A server with everything embedded, and two twins of whom one answers. */
export async function measureAssessments(): Promise<AssessmentFigures> {
  const many = { RATE_LIMIT_REQUESTS_PER_MINUTE: "100000000", RATE_LIMIT_MESSAGES_PER_MINUTE: "100000000" };
  const server = await TestServer.create(many);
  try {
    await server.start();
    const { ada } = await server.pairUp();
    const begin = async () => (await server.call("POST", "/api/v1/assessments", ada.accessToken)).body.session.id;
    const room = await server.join(ada, { deviceId: "a" });
    room.onMessage("*", () => undefined);
    const sessionId = await begin();
    const answers = allAnswers(3);
    const [answer, message]: number[][] = [[], []];
    for (let at = 0; at < SESSIONS; at++) {
      const one = answers[at % answers.length];
      answer?.push(await timed(() => room.request("assessment.answer", { sessionId, responses: [one] })));
      message?.push(await timed(() => room.request("chat.send", { key: `k${at}`, text: "are you awake?" })));
    }
    await room.leave();
    const path = `/api/v1/assessments/${sessionId}`;
    await server.call("POST", `${path}/responses`, ada.accessToken, { responses: answers, isComplete: true });
    const results: number[] = [];
    for (let at = 0; at < SESSIONS; at++)
      results.push(await timed(() => server.call("GET", `${path}/results`, ada.accessToken)));
    return {
      scoring: scoring(),
      answer: figuresOf(answer ?? [], 1),
      message: figuresOf(message ?? [], 1),
      results: figuresOf(results, 1),
    };
  } finally {
    await server.end("SIGKILL");
    await server.remove();
  }
}

function scoring(): Figures {
  const times: number[] = [];
  for (let at = 0; at < 1000; at++) {
    const answers = allAnswers(at);
    const began = performance.now();
    score(answers, "1.0.0");
    times.push(performance.now() - began);
  }
  return figuresOf(times, 1);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
