"""Names that are there without an import: those of the language, of Node, of browsers and of test runners."""

from __future__ import annotations

KNOWN_GLOBALS = frozenset(
    """
    $ $$ _ __dirname __filename AbortController AbortSignal AbstractRange ActiveXObject addEventListener after
    afterAll afterEach AggregateError alert AnalyserNode angular Animation AnimationEffect AnimationEvent
    AnimationPlaybackEvent AnimationTimeline arguments Array ArrayBuffer assert AsyncDisposableStack atob
    Atomics Attr Audio AudioBuffer AudioBufferSourceNode AudioContext AudioData AudioDecoder
    AudioDestinationNode AudioEncoder AudioListener AudioNode AudioParam AudioParamMap AudioProcessingEvent
    AudioScheduledSourceNode AudioWorklet AudioWorkletNode AuthenticatorAssertionResponse
    AuthenticatorAttestationResponse AuthenticatorResponse BarProp BaseAudioContext before beforeAll beforeEach
    BeforeUnloadEvent BigInt BigInt64Array BigUint64Array BiquadFilterNode Blob BlobEvent blur Boolean bootstrap
    BroadcastChannel btoa Buffer ByteLengthQueuingStrategy Cache caches CacheStorage cancelAnimationFrame
    cancelIdleCallback CanvasCaptureMediaStreamTrack CanvasGradient CanvasPattern CanvasRenderingContext2D
    captureEvents CaretPosition CDATASection chai ChannelMergerNode ChannelSplitterNode CharacterData chrome
    clearImmediate clearInterval clearTimeout Client clientInformation Clients clients Clipboard ClipboardEvent
    ClipboardItem close closed CloseEvent Comment CompositionEvent CompressionStream confirm console
    ConstantSourceNode ContentVisibilityAutoStateChangeEvent context ConvolverNode CookieChangeEvent CookieStore
    cookieStore CookieStoreManager CountQueuingStrategy createImageBitmap Credential CredentialsContainer
    crossOriginIsolated Crypto crypto CryptoKey CSPViolationReportBody CSS CSSAnimation CSSConditionRule
    CSSContainerRule CSSCounterStyleRule CSSFontFaceRule CSSFontFeatureValuesRule CSSFontPaletteValuesRule
    CSSGroupingRule CSSImageValue CSSImportRule CSSKeyframeRule CSSKeyframesRule CSSKeywordValue
    CSSLayerBlockRule CSSLayerStatementRule CSSMathClamp CSSMathInvert CSSMathMax CSSMathMin CSSMathNegate
    CSSMathProduct CSSMathSum CSSMathValue CSSMatrixComponent CSSMediaRule CSSNamespaceRule
    CSSNestedDeclarations CSSNumericArray CSSNumericValue CSSPageRule CSSPerspective CSSPropertyRule CSSRotate
    CSSRule CSSRuleList CSSScale CSSScopeRule CSSSkew CSSSkewX CSSSkewY CSSStartingStyleRule CSSStyleDeclaration
    CSSStyleRule CSSStyleSheet CSSStyleValue CSSSupportsRule CSSTransformComponent CSSTransformValue
    CSSTransition CSSTranslate CSSUnitValue CSSUnparsedValue CSSVariableReferenceValue CSSViewTransitionRule
    CustomElementRegistry customElements CustomEvent CustomStateSet cy Cypress DataTransfer DataTransferItem
    DataTransferItemList DataView Date decodeURI decodeURIComponent DecompressionStream
    DedicatedWorkerGlobalScope define defineEmits defineExpose defineModel defineOptions defineProps defineSlots
    DelayNode describe DeviceMotionEvent DeviceOrientationEvent devicePixelRatio dispatchEvent DisposableStack
    Document document DocumentFragment DocumentTimeline DocumentType DOMException DOMImplementation DOMMatrix
    DOMMatrixReadOnly DOMParser DOMPoint DOMPointReadOnly DOMQuad DOMRect DOMRectList DOMRectReadOnly
    DOMStringList DOMStringMap DOMTokenList done DragEvent DynamicsCompressorNode Element ElementInternals Ember
    EncodedAudioChunk EncodedVideoChunk encodeURI encodeURIComponent Enumerator Error ErrorEvent escape eval
    EvalError Event event EventCounts EventSource EventTarget expect exports ExtendableCookieChangeEvent
    ExtendableEvent ExtendableMessageEvent External external fail fetch FetchEvent File FileList FileReader
    FileReaderSync FileSystem FileSystemDirectoryEntry FileSystemDirectoryHandle FileSystemDirectoryReader
    FileSystemEntry FileSystemFileEntry FileSystemFileHandle FileSystemHandle FileSystemSyncAccessHandle
    FileSystemWritableFileStream FinalizationRegistry find fixture Float16Array Float32Array Float64Array focus
    FocusEvent FontFace FontFaceSet FontFaceSetLoadEvent fonts FormData FormDataEvent FragmentDirective
    frameElement frames fs Function GainNode Gamepad GamepadButton GamepadEvent GamepadHapticActuator
    Geolocation GeolocationCoordinates GeolocationPosition GeolocationPositionError getComputedStyle
    getSelection global globalThis HashChangeEvent Headers Highlight HighlightRegistry History history
    HTMLAllCollection HTMLAnchorElement HTMLAreaElement HTMLAudioElement HTMLBaseElement HTMLBodyElement
    HTMLBRElement HTMLButtonElement HTMLCanvasElement HTMLCollection HTMLDataElement HTMLDataListElement
    HTMLDetailsElement HTMLDialogElement HTMLDirectoryElement HTMLDivElement HTMLDListElement HTMLDocument
    HTMLElement HTMLEmbedElement HTMLFieldSetElement HTMLFontElement HTMLFormControlsCollection HTMLFormElement
    HTMLFrameElement HTMLFrameSetElement HTMLHeadElement HTMLHeadingElement HTMLHRElement HTMLHtmlElement
    HTMLIFrameElement HTMLImageElement HTMLInputElement HTMLLabelElement HTMLLegendElement HTMLLIElement
    HTMLLinkElement HTMLMapElement HTMLMarqueeElement HTMLMediaElement HTMLMenuElement HTMLMetaElement
    HTMLMeterElement HTMLModElement HTMLObjectElement HTMLOListElement HTMLOptGroupElement HTMLOptionElement
    HTMLOptionsCollection HTMLOutputElement HTMLParagraphElement HTMLParamElement HTMLPictureElement
    HTMLPreElement HTMLProgressElement HTMLQuoteElement HTMLScriptElement HTMLSelectElement HTMLSlotElement
    HTMLSourceElement HTMLSpanElement HTMLStyleElement HTMLTableCaptionElement HTMLTableCellElement
    HTMLTableColElement HTMLTableElement HTMLTableRowElement HTMLTableSectionElement HTMLTemplateElement
    HTMLTextAreaElement HTMLTimeElement HTMLTitleElement HTMLTrackElement HTMLUListElement HTMLUnknownElement
    HTMLVideoElement IDBCursor IDBCursorWithValue IDBDatabase IDBFactory IDBIndex IDBKeyRange IDBObjectStore
    IDBOpenDBRequest IDBRequest IDBTransaction IDBVersionChangeEvent IdleDeadline IIRFilterNode Image
    ImageBitmap ImageBitmapRenderingContext ImageCapture ImageData ImageDecoder ImageTrack ImageTrackList
    importScripts indexedDB Infinity innerHeight innerWidth InputDeviceInfo InputEvent Int16Array Int32Array
    Int8Array IntersectionObserver IntersectionObserverEntry Intl isFinite isNaN isSecureContext it Iterator
    jasmine jest jQuery JSON JSX KeyboardEvent KeyframeEffect LargestContentfulPaint last length localStorage
    Location location locationbar Lock LockManager Map matchMedia Math MathMLElement MediaCapabilities
    MediaDeviceInfo MediaDevices MediaElementAudioSourceNode MediaEncryptedEvent MediaError MediaKeyMessageEvent
    MediaKeys MediaKeySession MediaKeyStatusMap MediaKeySystemAccess MediaList MediaMetadata MediaQueryList
    MediaQueryListEvent MediaRecorder MediaSession MediaSource MediaSourceHandle MediaStream
    MediaStreamAudioDestinationNode MediaStreamAudioSourceNode MediaStreamTrack MediaStreamTrackEvent
    MediaStreamTrackProcessor menubar MessageChannel MessageEvent MessagePort MIDIAccess MIDIConnectionEvent
    MIDIInput MIDIInputMap MIDIMessageEvent MIDIOutput MIDIOutputMap MIDIPort MimeType MimeTypeArray mocha
    module MouseEvent moveBy moveTo MutationObserver MutationRecord name NamedNodeMap NaN NavigationActivation
    NavigationHistoryEntry NavigationPreloadManager Navigator navigator NavigatorLogin Node NodeFilter
    NodeIterator NodeJS NodeList Notification NotificationEvent Number Object OfflineAudioCompletionEvent
    OfflineAudioContext OffscreenCanvas OffscreenCanvasRenderingContext2D onabort onafterprint onanimationcancel
    onanimationend onanimationiteration onanimationstart onauxclick onbeforeinput onbeforematch onbeforeprint
    onbeforetoggle onbeforeunload onblur oncancel oncanplay oncanplaythrough onchange onclick onclose
    oncontextlost oncontextmenu oncontextrestored oncopy oncuechange oncut ondblclick ondevicemotion
    ondeviceorientation ondeviceorientationabsolute ondrag ondragend ondragenter ondragleave ondragover
    ondragstart ondrop ondurationchange onemptied onended onerror onfocus onformdata ongamepadconnected
    ongamepaddisconnected ongotpointercapture onhashchange oninput oninvalid onkeydown onkeypress onkeyup
    onlanguagechange onload onloadeddata onloadedmetadata onloadstart onlostpointercapture onmessage
    onmessageerror onmousedown onmouseenter onmouseleave onmousemove onmouseout onmouseover onmouseup onoffline
    ononline onorientationchange onpagehide onpagereveal onpageshow onpageswap onpaste onpause onplay onplaying
    onpointercancel onpointerdown onpointerenter onpointerleave onpointermove onpointerout onpointerover
    onpointerrawupdate onpointerup onpopstate onprogress onratechange onrejectionhandled onreset onresize
    onrtctransform onscroll onscrollend onsecuritypolicyviolation onseeked onseeking onselect onselectionchange
    onselectstart onslotchange onstalled onstorage onsubmit onsuspend ontimeupdate ontoggle ontouchcancel
    ontouchend ontouchmove ontouchstart ontransitioncancel ontransitionend ontransitionrun ontransitionstart
    onunhandledrejection onunload onvolumechange onwaiting onwebkitanimationend onwebkitanimationiteration
    onwebkitanimationstart onwebkittransitionend onwheel open opener Option orientation origin
    originAgentCluster OscillatorNode outerHeight outerWidth OverconstrainedError PageRevealEvent PageSwapEvent
    PageTransitionEvent pageXOffset pageYOffset PannerNode parent parseFloat parseInt path Path2D PaymentAddress
    PaymentMethodChangeEvent PaymentRequest PaymentRequestUpdateEvent PaymentResponse Performance performance
    PerformanceEntry PerformanceEventTiming PerformanceMark PerformanceMeasure PerformanceNavigation
    PerformanceNavigationTiming PerformanceObserver PerformanceObserverEntryList PerformancePaintTiming
    PerformanceResourceTiming PerformanceServerTiming PerformanceTiming PeriodicWave Permissions
    PermissionStatus personalbar PictureInPictureEvent PictureInPictureWindow Plugin PluginArray PointerEvent
    PopStateEvent postMessage print process ProcessingInstruction ProgressEvent Promise PromiseRejectionEvent
    prompt Proxy PublicKeyCredential PushEvent PushManager PushMessageData PushSubscription
    PushSubscriptionChangeEvent PushSubscriptionOptions queueMicrotask RadioNodeList Range RangeError React
    ReadableByteStreamController ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest
    ReadableStreamDefaultController ReadableStreamDefaultReader ReferenceError Reflect RegExp releaseEvents
    RemotePlayback removeEventListener Report ReportBody reportError ReportingObserver Request
    requestAnimationFrame requestIdleCallback require resizeBy ResizeObserver ResizeObserverEntry
    ResizeObserverSize resizeTo Response RTCCertificate RTCDataChannel RTCDataChannelEvent RTCDtlsTransport
    RTCDTMFSender RTCDTMFToneChangeEvent RTCEncodedAudioFrame RTCEncodedVideoFrame RTCError RTCErrorEvent
    RTCIceCandidate RTCIceTransport RTCPeerConnection RTCPeerConnectionIceErrorEvent RTCPeerConnectionIceEvent
    RTCRtpReceiver RTCRtpScriptTransform RTCRtpScriptTransformer RTCRtpSender RTCRtpTransceiver RTCSctpTransport
    RTCSessionDescription RTCStatsReport RTCTrackEvent RTCTransformEvent run SafeArray Screen screen screenLeft
    ScreenOrientation screenTop screenX screenY ScriptProcessorNode scroll scrollbars scrollBy scrollTo scrollX
    scrollY SecurityPolicyViolationEvent Selection self ServiceWorker ServiceWorkerContainer
    ServiceWorkerGlobalScope ServiceWorkerRegistration sessionStorage Set setImmediate setInterval setTimeout
    setup ShadowRoot SharedArrayBuffer SharedWorker SharedWorkerGlobalScope should sinon skip SourceBuffer
    SourceBufferList spec specify SpeechRecognitionAlternative SpeechRecognitionResult
    SpeechRecognitionResultList SpeechSynthesis speechSynthesis SpeechSynthesisErrorEvent SpeechSynthesisEvent
    SpeechSynthesisUtterance SpeechSynthesisVoice spyOn start StaticRange status statusbar StereoPannerNode stop
    Storage StorageEvent StorageManager String structuredClone StylePropertyMap StylePropertyMapReadOnly
    StyleSheet StyleSheetList SubmitEvent SubtleCrypto suite suiteSetup suiteTeardown SuppressedError
    SVGAElement SVGAngle SVGAnimatedAngle SVGAnimatedBoolean SVGAnimatedEnumeration SVGAnimatedInteger
    SVGAnimatedLength SVGAnimatedLengthList SVGAnimatedNumber SVGAnimatedNumberList
    SVGAnimatedPreserveAspectRatio SVGAnimatedRect SVGAnimatedString SVGAnimatedTransformList SVGAnimateElement
    SVGAnimateMotionElement SVGAnimateTransformElement SVGAnimationElement SVGCircleElement SVGClipPathElement
    SVGComponentTransferFunctionElement SVGDefsElement SVGDescElement SVGElement SVGEllipseElement
    SVGFEBlendElement SVGFEColorMatrixElement SVGFEComponentTransferElement SVGFECompositeElement
    SVGFEConvolveMatrixElement SVGFEDiffuseLightingElement SVGFEDisplacementMapElement SVGFEDistantLightElement
    SVGFEDropShadowElement SVGFEFloodElement SVGFEFuncAElement SVGFEFuncBElement SVGFEFuncGElement
    SVGFEFuncRElement SVGFEGaussianBlurElement SVGFEImageElement SVGFEMergeElement SVGFEMergeNodeElement
    SVGFEMorphologyElement SVGFEOffsetElement SVGFEPointLightElement SVGFESpecularLightingElement
    SVGFESpotLightElement SVGFETileElement SVGFETurbulenceElement SVGFilterElement SVGForeignObjectElement
    SVGGElement SVGGeometryElement SVGGradientElement SVGGraphicsElement SVGImageElement SVGLength SVGLengthList
    SVGLinearGradientElement SVGLineElement SVGMarkerElement SVGMaskElement SVGMatrix SVGMetadataElement
    SVGMPathElement SVGNumber SVGNumberList SVGPathElement SVGPatternElement SVGPoint SVGPointList
    SVGPolygonElement SVGPolylineElement SVGPreserveAspectRatio SVGRadialGradientElement SVGRect SVGRectElement
    SVGScriptElement SVGSetElement SVGStopElement SVGStringList SVGStyleElement SVGSVGElement SVGSwitchElement
    SVGSymbolElement SVGTextContentElement SVGTextElement SVGTextPathElement SVGTextPositioningElement
    SVGTitleElement SVGTransform SVGTransformList SVGTSpanElement SVGUnitTypes SVGUseElement SVGViewElement
    Symbol SyntaxError teardown test Text TextDecoder TextDecoderStream TextEncoder TextEncoderStream TextEvent
    TextMetrics TextTrack TextTrackCue TextTrackCueList TextTrackList TimeRanges ToggleEvent toolbar top
    toString Touch TouchEvent TouchList TrackEvent TransformStream TransformStreamDefaultController
    TransitionEvent TreeWalker TypeError UIEvent Uint16Array Uint32Array Uint8Array Uint8ClampedArray undefined
    unescape URIError URL URLPattern URLSearchParams UserActivation ValidityState VarDate VBArray vi
    VideoColorSpace VideoDecoder VideoEncoder VideoFrame VideoPlaybackQuality ViewTransition
    ViewTransitionTypeSet VisualViewport visualViewport VTTCue VTTRegion waitFor WakeLock WakeLockSentinel
    WaveShaperNode WeakMap WeakRef WeakSet WebAssembly WebGL2RenderingContext WebGLActiveInfo WebGLBuffer
    WebGLContextEvent WebGLFramebuffer WebGLProgram WebGLQuery WebGLRenderbuffer WebGLRenderingContext
    WebGLSampler WebGLShader WebGLShaderPrecisionFormat WebGLSync WebGLTexture WebGLTransformFeedback
    WebGLUniformLocation WebGLVertexArrayObject WebKitCSSMatrix webkitURL WebSocket WebTransport
    WebTransportBidirectionalStream WebTransportDatagramDuplexStream WebTransportError WheelEvent Window window
    WindowClient withDefaults Worker WorkerGlobalScope WorkerLocation WorkerNavigator Worklet WritableStream
    WritableStreamDefaultController WritableStreamDefaultWriter WScript WSH xdescribe xit XMLDocument
    XMLHttpRequest XMLHttpRequestEventTarget XMLHttpRequestUpload XMLSerializer XPathEvaluator XPathExpression
    XPathResult XSLTProcessor
    """.split()
)
