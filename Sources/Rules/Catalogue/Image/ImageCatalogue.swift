public import Facts

/// All rules about disk images, in the order of the report.
public enum ImageCatalogue {
    /// Every rule.
    public static let all: [Rule<ImageFacts>] = [
        ImageFormatRules.all, ImageChainRules.all, PartitionRules.all, ContentRules.all,
    ].flatMap { $0 }
}
