/** Written by the build, out of docs/viewer. */
declare module 'virtual:viewer-page' {
  const page: string;
  export default page;
}
