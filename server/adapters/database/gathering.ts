/** More in one statement would keep everything else of this process waiting for some milliseconds. */
const MOST = 500;

/**
 * Asks for many at once what they ask for one by one: who comes alone is asked for at once, and who comes while a question
 * is under way goes into the next, with everybody else who does. A crowd then costs a statement a round, and waiting for
 * company costs nobody anything. `ask` answers in the order of its keys.
 */
export function gathering<Key, Answer>(
  ask: (keys: readonly Key[]) => Promise<readonly Answer[]>,
  most = MOST,
): (key: Key) => Promise<Answer> {
  const waiting: Waiting<Key, Answer>[] = [];
  let isAsking = false;

  async function round(): Promise<void> {
    const asked = waiting.splice(0, most);
    try {
      const answers = await ask(asked.map(({ key }) => key));
      if (answers.length !== asked.length)
        throw new Error(`${asked.length} asked, and ${answers.length} were answered`);
      answers.forEach((answer, n) => void asked[n]?.resolve(answer));
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }

  async function askAll(): Promise<void> {
    isAsking = true;
    while (waiting.length > 0) await round();
    isAsking = false;
  }

  return (key) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    waiting.push({ key, resolve, reject });
    if (!isAsking) void askAll();
    return promise;
  };
}

interface Waiting<Key, Answer> {
  readonly key: Key;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}
