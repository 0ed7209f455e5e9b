import { reconnectStorm } from "./scenarios.ts";
import { terminal } from "./terminal.ts";

terminal(reconnectStorm);
