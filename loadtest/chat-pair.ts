import { chatPair } from "./scenarios.ts";
import { terminal } from "./terminal.ts";

terminal(chatPair);
