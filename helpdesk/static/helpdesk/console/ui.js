// @ts-check
/** The one door to the rendering libraries: nothing else of the console imports them. */
import { h, render } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { batch, computed, effect, signal } from "@preact/signals";
import htm from "htm";

export const html = htm.bind(h);
export { batch, computed, effect, render, signal, useEffect, useLayoutEffect, useRef, useState };
