/** What a test of a browser leaves to those after it. */
export interface Screens {
  /** Pictures of all that is on the screen; where they are kept. */
  pictures(name: string): Promise<readonly string[]>;
  /** As a test expects to find it, whatever was done to it. */
  recover(): Promise<void>;
}

/**
 * After each test: one that failed leaves pictures, named in what it says, so that whoever was not there sees what was
 * on the screen; and the next one finds everything plugged in. A browser that cannot do that any more fails the next
 * test by itself.
 */
export function lookedAfter(screens: () => Screens | undefined): Mocha.Func {
  return async function (this: Mocha.Context) {
    const test = this.currentTest;
    if (test?.state !== "failed") return;
    const name = `failed-${test.fullTitle().replaceAll(/\W+/g, "-").slice(0, 80)}`;
    const kept = await screens()
      ?.pictures(name)
      .catch(() => []);
    if (test.err && kept?.length) showPictures(test.err, kept);
    await screens()
      ?.recover()
      .catch(() => undefined);
  };
}

/** In the first line: it is all that a list of many failures shows. */
function showPictures(error: Error, pictures: readonly string[]): void {
  const [first = ""] = error.message.split("\n");
  const shown = `${first} [on the screen: ${pictures.join(", ")}]`;
  // The stack repeats the message, and is what people read.
  error.stack = (error.stack ?? error.message).replace(first, () => shown);
  error.message = error.message.replace(first, () => shown);
}
