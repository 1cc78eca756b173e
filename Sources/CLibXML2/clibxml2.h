// The few structures of libxml2 whose fields kvmcheck touches, as libxml2 2.9 to 2.14 lay them out (parser.h, xmlerror.h,
// tree.h). Declared here and not included: the library's own headers need a search path (/usr/include/libxml2) that only
// pkg-config gives, and pkg-config would link the library, which brings ICU to every start of the program. The library is
// opened at run time. A test compiles these against the installed headers.
#pragma once

struct kvmcheck_xml_error {
    int domain;
    int code;
    char *message;
    int level;
    char *file;
    int line;
    char *str1;
    char *str2;
    char *str3;
    int int1;
    int int2;
    void *ctxt;
    void *node;
};

typedef void (*kvmcheck_xml_serror)(void *user, const struct kvmcheck_xml_error *error);
typedef void (*kvmcheck_xml_start_element)(
    void *user, const unsigned char *name, const unsigned char *prefix, const unsigned char *uri, int namespace_count,
    const unsigned char **namespaces, int attribute_count, int defaulted, const unsigned char **attributes);
typedef void (*kvmcheck_xml_end_element)(
    void *user, const unsigned char *name, const unsigned char *prefix, const unsigned char *uri);
typedef void (*kvmcheck_xml_text)(void *user, const unsigned char *text, int length);
typedef void (*kvmcheck_xml_comment)(void *user, const unsigned char *text);
typedef void (*kvmcheck_xml_instruction)(void *user, const unsigned char *target, const unsigned char *data);

struct kvmcheck_xml_sax {
    void (*internalSubset)(void *, const unsigned char *, const unsigned char *, const unsigned char *);
    void *isStandalone;
    void *hasInternalSubset;
    void *hasExternalSubset;
    void *resolveEntity;
    void *getEntity;
    void *entityDecl;
    void *notationDecl;
    void *attributeDecl;
    void *elementDecl;
    void *unparsedEntityDecl;
    void *setDocumentLocator;
    void *startDocument;
    void *endDocument;
    void *startElement;
    void *endElement;
    void *reference;
    kvmcheck_xml_text characters;
    kvmcheck_xml_text ignorableWhitespace;
    kvmcheck_xml_instruction processingInstruction;
    kvmcheck_xml_comment comment;
    void *warning;
    void *error;
    void *fatalError;
    void *getParameterEntity;
    kvmcheck_xml_text cdataBlock;
    void *externalSubset;
    unsigned int initialized;
    void *_private;
    kvmcheck_xml_start_element startElementNs;
    kvmcheck_xml_end_element endElementNs;
    kvmcheck_xml_serror serror;
};


// The head of xmlParserCtxt.
struct kvmcheck_xml_parser {
    struct kvmcheck_xml_sax *sax;
    void *userData;
    void *myDoc;
    int wellFormed;
};

// The head of xmlNode, and of xmlAttr.
struct kvmcheck_xml_node {
    void *_private;
    int type;
    const unsigned char *name;
    struct kvmcheck_xml_node *children;
    struct kvmcheck_xml_node *last;
    struct kvmcheck_xml_node *parent;
    struct kvmcheck_xml_node *next;
    struct kvmcheck_xml_node *prev;
};

// The head of xmlParserInputBuffer.
struct kvmcheck_xml_input {
    void *context;
    void *readcallback;
    void *closecallback;
    void *encoder;
    void *buffer;
};
