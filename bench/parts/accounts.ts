import { atLeast, below } from "../asked.ts";
import type { Part } from "../part.ts";

const SECONDS = 5;

export const accounts: Part = {
  name: "accounts",
  measures: "the profile over HTTP, and the smallest answer there is while many sign in",
  takes: "30 s",
  async run(report) {
    const { measureAccounts } = await import("../accounts.ts");
    const figures = await measureAccounts(SECONDS);
    report.rate("GET /users/profile, signed in, 16 at a time", figures.profile);
    report.figure("… for a second of the server's CPU", figures.profilesPerCpuSecond, "/CPU s", atLeast(2000));
    report.rate("the smallest answer there is, nobody signing in", figures.quiet);
    report.rate("… while twenty sign in at once, again and again", figures.duringLogins, { p99: below(20) });
    report.figure("… sign-ins", figures.loginsPerSecond, "/s");
    report.keep(figures);
  },
};
