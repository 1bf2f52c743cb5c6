/** The command line asks for something that cannot be: exit code 2. What was given is not repeated: it may be a secret. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
