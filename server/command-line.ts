/** Said wrongly: what is amiss, for whoever typed it. */
export class Misuse extends Error {
  override readonly name: string = "Misuse";
}

/**
 * What this process was told at its start, by `read`, which gets it from node:util's parseArgs and throws a Misuse where
 * that is too little. Before it anything is done, `--help` and `-h` print `usage` and end with 0; what the command does not
 * take is named above the usage, and ends with 2.
 */
export function commandLine<T>(usage: string, read: () => T): T {
  if (process.argv.slice(2).some((word) => word === "--help" || word === "-h")) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return read();
  } catch (error) {
    const amiss = amissIn(error);
    if (amiss === undefined) throw error;
    console.error(`${amiss}\n\n${usage}`);
    process.exit(2);
  }
}

/** Node goes on to say how a word with a dash in front is taken for no option: nobody means that here. */
function amissIn(error: unknown): string | undefined {
  if (error instanceof Misuse) return error.message;
  const isNodes = error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_");
  return isNodes ? error.message.split(". ")[0] : undefined;
}
