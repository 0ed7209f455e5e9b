/** A balancer as a process of its own, so that what it costs is not taken for a node's: node cluster-balancer.ts <port> <backend> … */
import { Balancer } from "../demo/balancer.ts";

const [port, ...backends] = process.argv.slice(2).map(Number);
if (port === undefined) throw new Error("A balancer has a port");
await Balancer.open({ port, backends });
process.on("disconnect", () => process.exit());
