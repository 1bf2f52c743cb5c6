/// <reference path="./page.d.ts" />
/** Entry `token-lifecycle/viewer`: the page of the viewer, whole, as text. */
import page from 'virtual:viewer-page';

/** One HTML document that needs no network: styles and scripts are in it. Serve it under a path of your own. */
export const viewerPage: string = page;
