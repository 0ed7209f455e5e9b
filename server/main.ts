import { keepCompiled } from "./compiled.ts";

keepCompiled();
await import("./node.ts");
