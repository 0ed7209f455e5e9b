/** Something that only whoever runs the server can mend. Its message says what, and what to do; it needs no stack. */
export class OperatorProblem extends Error {
  override readonly name: string = "OperatorProblem";
}
