"""Names that are there without an import: those of the language, of Node, of browsers and of test runners."""

from __future__ import annotations

KNOWN_GLOBALS = frozenset(
    """
    AbortController AbortSignal AggregateError Array ArrayBuffer Atomics BigInt Blob Boolean BroadcastChannel
    Buffer ByteLengthQueuingStrategy CompressionStream CryptoKey CustomEvent DOMException DOMParser DataView
    Date Document Element Error EvalError Event EventSource EventTarget File FileList FileReader
    FinalizationRegistry Float32Array Float64Array FormData Function HTMLElement Headers Image Infinity
    Int16Array Int32Array Int8Array IntersectionObserver Intl Iterator JSON JSX Map Math MessageChannel
    MessageEvent MessagePort MutationObserver NaN Node NodeJS Notification Number Object Option Performance
    PerformanceObserver Promise Proxy RangeError ReadableStream React ReferenceError Reflect RegExp Request
    ResizeObserver Response Set SharedArrayBuffer Storage String SubtleCrypto Symbol SyntaxError TextDecoder
    TextEncoder TransformStream TypeError URIError URL URLPattern URLSearchParams Uint16Array Uint32Array
    Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet WebAssembly WebSocket Window Worker WritableStream
    XMLHttpRequest __dirname __filename addEventListener after afterAll afterEach alert arguments assert atob
    before beforeAll beforeEach blur bootstrap btoa caches cancelAnimationFrame chai chrome clearImmediate
    clearInterval clearTimeout clients close closed confirm console context createImageBitmap crypto
    customElements cy Cypress decodeURI decodeURIComponent define defineEmits defineExpose defineModel
    defineOptions defineProps defineSlots describe dispatchEvent document done encodeURI encodeURIComponent
    escape eval event expect exports external fail fetch find fixture focus frames fs getComputedStyle
    getSelection global globalThis history importScripts indexedDB innerHeight innerWidth isFinite isNaN it
    jasmine jest jQuery last length localStorage location matchMedia mocha module moveTo name navigator onerror
    onload onmessage open opener origin parent parseFloat parseInt path performance postMessage print process
    prompt queueMicrotask removeEventListener reportError requestAnimationFrame requestIdleCallback require
    resizeTo run screen scroll scrollBy scrollTo scrollX scrollY self sessionStorage setImmediate setInterval
    setTimeout setup should sinon skip spec specify spyOn start status stop structuredClone suite suiteSetup
    suiteTeardown teardown test top toString undefined unescape vi visualViewport waitFor window withDefaults
    xdescribe xit $ $$ _ angular Ember
    """.split()
)
