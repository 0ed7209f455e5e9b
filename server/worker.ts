import { keepCompiled } from "./compiled.ts";

keepCompiled();
await import("./work.ts");
