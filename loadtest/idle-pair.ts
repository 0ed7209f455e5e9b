import { idlePair } from "./scenarios.ts";
import { terminal } from "./terminal.ts";

terminal(idlePair);
