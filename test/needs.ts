/**
 * Whether a suite that needs something of the machine can run. Where it cannot, a line says so; in CI, where everything is
 * installed, it is an error: a suite that is left out there would look like one that passed.
 */
export function needs(isThere: boolean, what: string): boolean {
  if (isThere) return true;
  if (process.env['CI']) throw new Error(`${what} is missing here: in CI no suite is left out.`);
  console.log(`Left out: what needs ${what}.`);
  return false;
}
