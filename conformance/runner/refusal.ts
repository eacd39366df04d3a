/** Why nothing was tested: for whoever has started it, without a stack. */
export class Refusal extends Error {}
