import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'index.ts',
    testing: 'adapters/testing/index.ts',
    // Not exported. They cut the ES module build into chunks that a bundler can leave out one by one.
    'parts/errors': 'machines/errors.ts',
    'parts/machines': 'machines/session/machine.ts',
    'parts/lifecycle': 'adapters/host/create.ts',
    'parts/source': 'adapters/source/http.ts',
    'parts/cookie': 'adapters/cookie/document.ts',
    'parts/token': 'adapters/token/decode.ts',
  },
  format: ['esm', 'cjs'],
  dts: { entry: { index: 'index.ts', testing: 'adapters/testing/index.ts' } },
  clean: true,
  sourcemap: true,
  target: 'es2022',
  treeshake: true,
});
