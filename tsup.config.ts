import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['index.ts'],
  format: ['esm', 'cjs'],
  dts: true,
  clean: true,
  sourcemap: true,
  target: 'es2022',
  // jose and @noble/hashes publish ES modules only; Node 20.19 and later can require() them.
  treeshake: true,
});
