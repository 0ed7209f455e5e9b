import { Phone } from "../tests/support/phone.ts";
import { TestServer } from "../tests/support/server.ts";
import { type Figures, figuresOf } from "./figures.ts";

const TIMES = 300;

export interface TwintuitionFigures {
  /** From asking until the twin's phone has heard it. */
  readonly alert: Figures;
  /** From pressing until it is answered, without a match … */
  readonly press: Figures;
  /** … and with one, until the twin's phone has heard of the moment. */
  readonly moment: Figures;
}

/** Two phones with the stock SDK, on a server with everything embedded. */
export async function measureTwintuition(): Promise<TwintuitionFigures> {
  const server = await TestServer.create();
  await server.start();
  try {
    const twins = await server.pairUp();
    const [ada, bea] = await Promise.all([Phone.join(server, twins.ada), Phone.join(server, twins.bea)]);
    const alert = await timed(async (n) => {
      const asked = ada.ask("twintuition.alert", { key: `a${n}`, kind: "thought", text: String(n) });
      await bea.hears("twintuition.alert", (heard) => heard.alert.text === String(n));
      await asked;
      return undefined;
    });
    const presses: number[] = [];
    const moment = await timed(async (n) => {
      const begun = performance.now();
      await ada.ask("twintuition.press", { key: `p${n}` });
      presses.push(performance.now() - begun);
      const met = performance.now();
      await bea.ask("twintuition.press", { key: `p${n}` });
      await ada.hears(
        "twintuition.moment",
        (heard) => heard.moment.id === bea.all("twintuition.moment").at(-1)?.moment.id,
      );
      return performance.now() - met;
    });
    await Promise.all([ada.leave(), bea.leave()]);
    return { alert, press: figuresOf(presses, 1), moment };
  } finally {
    await server.remove();
  }
}

async function timed(work: (n: number) => Promise<number | undefined>): Promise<Figures> {
  const times: number[] = [];
  for (let n = 0; n < TIMES; n++) {
    const begun = performance.now();
    times.push((await work(n)) ?? performance.now() - begun);
  }
  return figuresOf(times, times.reduce((sum, ms) => sum + ms, 0) / 1000);
}
