/** The only place where raw tokens live. Machines name them by generation and never see one. */
export type Vault = {
  put(token: string): number;
  get(generation: number): string | undefined;
  drop(generation: number): void;
};

export function createVault(): Vault {
  const tokens = new Map<number, string>();
  let last = 0;
  return {
    put: (token) => {
      last += 1;
      tokens.set(last, token);
      return last;
    },
    get: (generation) => tokens.get(generation),
    drop: (generation) => {
      tokens.delete(generation);
    },
  };
}
